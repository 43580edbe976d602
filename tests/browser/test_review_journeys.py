"""A review by keys alone, by two people at once, and blind."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from lib.domain.annotations import AnnotationStatus, Review
from lib.domain.predictions import Prediction
from lib.domain.sessions import Session
from lib.store import Store
from tests.browser.streamlit_page import open_page, rerun
from tests.browser.test_predict_journeys import expect_cards, upload
from tests.stand_ins.app_server import AppServer

Photographs = Callable[[int], list[Path]]


@pytest.fixture
def store(app_server: AppServer) -> Iterator[Store]:
    """The server's own store, opened beside it."""
    folder = app_server.data_dir
    store = Store(f"sqlite:///{folder / 'second-look.db'}", str(folder / "images"))
    yield store
    store.close()


@pytest.fixture
def session(page: Page, photographs: Photographs, store: Store) -> Session:
    """A session of five photographs that both versions answered, on which nobody has said a word."""
    open_page(page, "/")
    upload(page, photographs(5))
    expect_cards(page, 5)
    return store.sessions.get(str(re.search(r"session=([\w-]+)", page.url)[1]))  # type: ignore[index]


def open_review(page: Page, session: Session, reviewer: str) -> None:
    open_page(page, f"/review?session={session.id}")
    name = page.get_by_label("Reviewer name")
    name.fill(reviewer)
    with rerun(page):
        name.press("Enter")
    expect(picture(page)).to_be_visible()
    page.mouse.click(700, 20)  # the keys are for the page, not for a field


def picture(page: Page) -> Locator:
    return page.locator("img.reviewed")


def press(page: Page, key: str) -> None:
    with rerun(page):
        page.keyboard.press(key)


_ICON = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")


def test_a_whole_review_is_done_by_keys_alone(page: Page, session: Session, store: Store) -> None:
    open_review(page, session, "Grace")

    press(page, "y")
    press(page, "n")
    press(page, "1")
    press(page, "u")
    press(page, "z")
    press(page, "y")
    press(page, "ArrowRight")
    press(page, "ArrowLeft")
    press(page, "y")
    press(page, "u")

    expect(page.get_by_text("No images left to review.")).to_be_visible()
    judged = [verdict.status for verdict in store.annotations.find(session.id)]
    assert judged == [
        AnnotationStatus.CORRECT,
        AnnotationStatus.WRONG,
        AnnotationStatus.UNSURE,
        AnnotationStatus.WITHDRAWN,
        AnnotationStatus.CORRECT,
        AnnotationStatus.CORRECT,
        AnnotationStatus.UNSURE,
    ]
    assert store.annotations.count_reviewed(session.id) == {"Grace": 5}


def test_a_label_that_is_typed_outside_its_field_judges_nothing(page: Page, session: Session, store: Store) -> None:
    open_review(page, session, "Grace")
    press(page, "u")
    press(page, "n")
    shown = picture(page).get_attribute("src")
    field = page.get_by_label("True label")
    expect(field).to_have_attribute("placeholder", "Type the true label, then press Enter")

    page.keyboard.type("sunny day")
    press(page, "ArrowRight")
    press(page, "ArrowLeft")

    expect(picture(page)).to_have_attribute("src", str(shown))
    assert [verdict.status for verdict in store.annotations.find(session.id)] == [AnnotationStatus.UNSURE]
    field.click()
    page.keyboard.type("sunny day")
    with rerun(page):
        page.keyboard.press("Enter")
    expect(picture(page)).not_to_have_attribute("src", str(shown))
    said = [(verdict.status, verdict.label) for verdict in store.annotations.find(session.id)]
    assert said == [(AnnotationStatus.UNSURE, None), (AnnotationStatus.WRONG, "sunny day")]


def test_two_people_at_once_see_one_anothers_counts_and_lose_no_word(
    page: Page, browser: Browser, base_url: str, session: Session, store: Store
) -> None:
    other = browser.new_context(base_url=base_url).new_page()
    open_review(page, session, "Ada")
    open_review(other, session, "Grace")

    press(page, "y")
    press(other, "y")
    press(page, "u")

    expect(page.get_by_text(re.compile("Ada 2 · Grace 1"))).to_be_visible()
    expect(other.get_by_text(re.compile("Ada 2 · Grace 1"))).to_be_visible()
    assert store.annotations.count_reviewed(session.id) == {"Ada": 2, "Grace": 1}
    other.close()


def test_a_blind_review_sends_no_label_and_no_version_to_the_browser(
    browser: Browser, base_url: str, session: Session, store: Store
) -> None:
    store.annotations.set_review(session.id, Review(blind=True))
    page = browser.new_context(base_url=base_url).new_page()
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))

    page.on("websocket", listen)

    open_review(page, session, "Grace")
    page.keyboard.type("sunny day")  # a label is asked for, and no letter is a key
    with rerun(page):
        page.get_by_role("button", name="Unsure").click()

    labels = store.annotations.find_labels(session.id, store.predictions.find_versions(session.id))
    tops = find_top_labels(store, session)
    # The page's icon comes as base64, in which any two characters may stand side by side.
    everything = _ICON.sub("", " ".join([*frames, str(page.text_content("body"))]))
    assert len(labels) == 1000
    assert [verdict.status for verdict in store.annotations.find(session.id)] == [AnnotationStatus.UNSURE]
    assert frames
    assert [name for name in [*tops, "imagenet", "v1", "v2", "photograph-0"] if name in everything] == []
    page.close()


def find_top_labels(store: Store, session: Session) -> list[str]:
    """What the versions say of the session's images."""
    sha256s = [image.sha256 for image in store.images.find(session.id)]
    outcomes = [
        record.outcome for record in store.predictions.find(sha256s, store.predictions.find_versions(session.id))
    ]
    tops = [outcome.top for outcome in outcomes if isinstance(outcome, Prediction)]
    return [top.label for top in tops if top is not None]
