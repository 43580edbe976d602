"""A review by keys alone, by two people at once, and blind."""

import re

from playwright.sync_api import Browser, Page, WebSocket, expect

from lib.domain.annotations import AnnotationStatus
from lib.domain.predictions import ModelVersion, Prediction
from lib.domain.reviews import Review, ReviewMode
from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.review.early_keys import UNSEEN_S
from tests.browser.review_steps import count_disagreements, hold, open_review, picture, press, press_all
from tests.browser.streamlit_page import open_page, rerun, wait_until_idle
from tests.builders.compared_session import Row, fill_session
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON

_ICON = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")


def test_a_whole_review_is_done_by_keys_alone(page: Page, session: Session, store: Store) -> None:
    assert count_disagreements(store, session) == 1
    open_review(page, session, "Grace")

    press_all(page, "1zbz2" + "uyyy")

    expect(page.get_by_text("No images left to review.")).to_be_visible()
    annotations = store.annotations.find(session.id)
    labels = [len(annotation.label.labels) if annotation.label else None for annotation in annotations]
    assert labels == [1, None, 2, None, 1, None, 1, 1, 1]
    assert annotations[3].status is AnnotationStatus.WITHDRAWN
    assert annotations[5].status is AnnotationStatus.UNSURE
    assert store.annotations.count_reviewed(session.id) == {"Grace": 5}


def test_a_held_key_labels_one_image(page: Page, session: Session, store: Store) -> None:
    open_review(page, session, "Grace")
    page.wait_for_timeout(UNSEEN_S * 1000)

    hold(page, "1")
    wait_until_idle(page)

    assert store.annotations.count_reviewed(session.id) == {"Grace": 1}


def test_undo_works_after_a_refresh(page: Page, session: Session, store: Store) -> None:
    open_review(page, session, "Grace")
    shown = str(picture(page).get_attribute("src"))
    press(page, "u")

    with rerun(page):
        page.reload()
    expect(picture(page)).to_be_visible()
    page.mouse.click(700, 20)
    press(page, "z")

    expect(picture(page)).to_have_attribute("src", shown)
    assert store.annotations.count_reviewed(session.id) == {}


def test_typing_a_label_triggers_no_shortcut_and_escape_goes_back(page: Page, session: Session, store: Store) -> None:
    open_review(page, session, "Grace")
    shown = str(picture(page).get_attribute("src"))
    press(page, "n")
    field = page.get_by_role("combobox", name="Label")
    expect(field).to_be_visible()

    page.keyboard.type("un by")
    field.click()
    page.keyboard.type("golden re")
    page.keyboard.press("Tab")

    assert store.annotations.find(session.id) == []
    press(page, "Escape")
    expect(page.get_by_role("button", name="Unsure")).to_be_visible()
    press(page, "n")
    page.get_by_role("combobox", name="Label").click()
    page.keyboard.type("golden re")
    with rerun(page):
        page.keyboard.press("Enter")
    with rerun(page):
        page.get_by_role("button", name="Set golden retriever").click()
    expect(picture(page)).not_to_have_attribute("src", shown)
    assert [annotation.label for annotation in store.annotations.find(session.id)] == [
        make_true_label("golden retriever")
    ]


def test_two_reviewers_see_each_others_counts_and_lose_no_annotation(
    page: Page, browser: Browser, base_url: str, session: Session, store: Store
) -> None:
    other = browser.new_context(base_url=base_url).new_page()
    open_review(page, session, "Ada")
    open_review(other, session, "Grace")

    press(page, "1")
    press(other, "1")
    press(page, "u")

    expect(page.get_by_text(re.compile("Ada 2 · Grace 1"))).to_be_visible()
    expect(other.get_by_text(re.compile("Ada 2 · Grace 1"))).to_be_visible()
    assert store.annotations.count_reviewed(session.id) == {"Ada": 2, "Grace": 1}
    other.close()


def test_a_blind_review_sends_neither_labels_nor_versions_to_the_browser(
    browser: Browser, base_url: str, session: Session, store: Store
) -> None:
    store.reviews.change(session.id, Review(ReviewMode.BLIND))
    page = browser.new_context(base_url=base_url).new_page()
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))

    page.on("websocket", listen)

    open_review(page, session, "Grace")
    page.keyboard.type("sunny day")  # a label is asked for, and no letter is a key
    with rerun(page):
        page.get_by_role("button", name="Unsure").click()

    versions = store.predictions.find_versions(session.id)
    labels = " ".join(store.annotations.find_labels(session.id, versions))
    tops = find_top_labels(store, session)
    # The page's icon comes as base64, in which any two characters may stand side by side.
    everything = _ICON.sub("", " ".join([*frames, str(page.text_content("body"))]))
    assert [verdict.status for verdict in store.annotations.find(session.id)] == [AnnotationStatus.UNSURE]
    assert frames
    assert [name for name in ["imagenet", "v1", "v2", "photograph-0"] if name in everything] == []
    # All labels are choices of the field. Those that versions predict occur no more often than any other.
    times_sent = everything.count("tench")
    assert [top for top in tops if everything.count(top) > times_sent * labels.count(top)] == []
    page.close()


def find_top_labels(store: Store, session: Session) -> list[str]:
    """What the versions say of the session's images."""
    sha256s = [image.sha256 for image in store.images.find(session.id)]
    outcomes = [
        record.outcome for record in store.predictions.find(sha256s, store.predictions.find_versions(session.id))
    ]
    tops = [outcome.top for outcome in outcomes if isinstance(outcome, Prediction)]
    return [top.label for top in tops if top is not None]


def label_all(page: Page, label: str, count: int) -> None:
    """Give the next images this label, by its button."""
    for _ in range(count):
        page.wait_for_timeout(UNSEEN_S * 1000)
        with rerun(page):
            page.get_by_role("button", name=re.compile(f"^{label} ")).click()


def test_the_verdict_can_settle_early_and_survives_a_refresh(page: Page, store: Store) -> None:
    open_page(page, "/")  # the service is up, and its versions are known
    versions = [
        ModelVersion("built-in", f"projects/second-look/locations/us-central1/models/{number}", "imagenet", name, "")
        for number, name in enumerate(("v1", "v2"))
    ]
    session = store.sessions.create("Kittens", NOON)
    fixes = [Row(first="dog", true_label=None)] * 20
    fill_session(store, session, [*fixes, *[Row(true_label=None)] * 20], versions)
    open_review(page, session, "Grace")

    label_all(page, "cat", 6)
    open_page(page, f"/review?session={session.id}")
    expect(page.get_by_text(re.compile("6 of 20 disagreements"))).to_be_visible()
    label_all(page, "cat", 5)
    open_page(
        page, f"/compare?session={session.id}&family=imagenet&versions=v1+(unavailable)&versions=v2+(unavailable)"
    )

    # Eleven fixes: an e-value of 2^11 / 12 = 170, more than 100.
    expect(page.get_by_text(re.compile("v2.* is better: at least"))).to_be_visible()
    expect(page.get_by_text("11 of 20 disagreements labeled.").first).to_be_visible()
