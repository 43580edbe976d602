"""How tests sign in, and what they look at then."""

import re
from collections.abc import Callable

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from lib.settings import ROOT
from lib.store import Store
from tests.browser.streamlit_page import expect_cards, open_page, upload, wait_until_idle
from tests.stand_ins.app_server import AppServer

ASK = "/v1/projects/second-look/locations/us-central1/models"
StartApp = Callable[..., AppServer]


def sign_in(page: Page, address: str, name: str) -> None:
    """Open the address, press *Sign in*, and be whoever that is at the provider."""
    open_page(page, address)
    assert find_barriers(page) == []
    page.get_by_role("button", name=re.compile("^Sign in")).click()
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_url(re.compile(re.escape(address.partition("?")[0])))
    wait_until_idle(page)


def is_at(page: Page, address: str, **chosen: str) -> bool:
    """Whether the page is at this address with these choices; others stand beside them."""
    found = httpx.URL(page.url)
    return str(found.copy_with(query=None)) == address and chosen.items() <= dict(found.params).items()


def find_barriers(page: Page) -> list[str]:
    """What keeps people out who see badly or use no mouse."""
    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in {"serious", "critical"}]


def make_session(page: Page, app: AppServer) -> str:
    """Id of a session of one photograph, made by Ada."""
    sign_in(page, f"{app.url}/", "ada")
    upload(page, [ROOT / "samples/cat.jpg"])
    expect_cards(page, 1)
    return str(re.search(r"session=([\w-]+)", page.url)[1])  # type: ignore[index]


def as_httpx(context: BrowserContext) -> dict[str, str]:
    """The window's cookies."""
    return {str(cookie["name"]): str(cookie["value"]) for cookie in context.cookies()}


def build_file(page: Page, app: AppServer, session: str, kind: str) -> str:
    """Address of the file that the session's page builds."""
    open_page(page, f"{app.url}/history?session={session}&view=matrix&part=Export")
    page.get_by_role("button", name=f"Export {kind}", exact=True).click()
    link = page.get_by_role("link", name=re.compile("Download"))
    expect(link).to_be_visible()
    return str(httpx.URL(app.url).join(str(link.get_attribute("href"))))


def open_store(server: AppServer) -> Store:
    """The store of a running server."""
    return Store(f"sqlite:///{server.data_dir / 'second-look.db'}", str(server.data_dir / "images"))
