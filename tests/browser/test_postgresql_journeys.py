"""The app with PostgreSQL instead of SQLite."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.review_steps import picture, press
from tests.browser.streamlit_page import expect_cards, open_page, rerun, upload
from tests.stand_ins.app_server import AppServer
from tests.stand_ins.postgresql_server import PostgresqlServer


def test_photographs_are_predicted_reviewed_and_compared(
    page: Page, photographs: Callable[[int], list[Path]], tmp_path: Path
) -> None:
    with PostgresqlServer() as postgresql:
        url = postgresql.url_of(postgresql.create_database())
        with AppServer(tmp_path, SECOND_LOOK_DATABASE_URL=url) as server:
            open_page(page, server.url)
            upload(page, photographs(3))
            expect_cards(page, 3)
            expect(page.get_by_role("button", name="Stop")).to_have_count(0)
            session_id = re.search("session=([^&]+)", page.url)
            assert session_id
            review(page, f"{server.url}/review?session={session_id[1]}")
            server.kill()
            server.start()

            open_page(page, f"{server.url}/compare?session={session_id[1]}")

            expect(page.get_by_text(re.compile("On these 3 images themselves"))).to_be_visible()
            assert not (tmp_path / "second-look.db").exists()


def review(page: Page, address: str) -> None:
    open_page(page, address)
    name = page.get_by_label("Reviewer name")
    name.fill("Grace")
    with rerun(page):
        name.press("Enter")
    expect(picture(page)).to_be_visible()
    page.mouse.click(700, 20)
    for _ in range(3):
        press(page, "u")
    expect(page.get_by_text("No images left to review.")).to_be_visible()
