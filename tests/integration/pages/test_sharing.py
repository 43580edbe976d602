"""Sharing a session by a link, and what the link opens."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.reviews import Review, ReviewMode
from lib.domain.sessions import Session, ShareTerms
from lib.ui.history.share_tab import CREATE_KEY, EXPIRY_KEY, NOTE_KEY
from lib.ui.share_link.shared_session import TABS_KEY
from lib.ui.true_labels import SET_KEY
from lib.web import resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session, sha256_of
from tests.integration.pages.page import page_text


@pytest.fixture
def known(open_app: OpenApp) -> Session:
    open_app("history")
    return make_known_session()


def share(session: Session, lasts: timedelta | None = None) -> str:
    """Token of a new link to the session."""
    return resources.store().sharing.add(session.id, ShareTerms("", lasts), "Ada", datetime.now(UTC))


def open_sharing(open_app: OpenApp, session: Session, **parameters: str) -> AppTest:
    return open_app("history", session=session.id, view="matrix", part="Share", **parameters)


def test_a_link_is_shown_once_and_listed(open_app: OpenApp, known: Session) -> None:
    app = open_sharing(open_app, known, rows="Wrong", below="0.9")

    app.selectbox(EXPIRY_KEY).set_value("30 days")
    app.text_input(NOTE_KEY).set_value("For the board")
    app.button(CREATE_KEY).click().run()
    (link,) = [code.value for code in app.code]
    again = open_sharing(open_app, known)

    parts = urlsplit(link)
    assert parts.path == "/shared"
    # The view that was open travels with it.
    assert parse_qs(parts.query)["rows"] == ["Wrong"]
    assert parse_qs(parts.query)["below"] == ["0.9"]
    assert "For the board · created " in page_text(again)
    assert "opened 0 times" in page_text(again)
    assert [code.value for code in again.code] == []


def test_a_link_opens_the_matrix_of_its_session_and_is_counted_once_a_visit(open_app: OpenApp, known: Session) -> None:
    app = open_app("shared", share=share(known))
    app.run()

    assert [title.value for title in app.title] == ["Known"]
    assert "6 of 6 images" in page_text(app)
    assert "opened 1 time" in page_text(open_sharing(open_app, known))


def test_a_shared_session_has_no_way_to_predict_annotate_or_change(open_app: OpenApp, known: Session) -> None:
    app = open_app("shared", share=share(known))

    assert not app.sidebar.selectbox
    assert SET_KEY not in [button.key for button in app.button]
    assert not [box for box in app.selectbox if box.label == "True label"]
    assert not app.file_uploader


def test_a_card_of_a_shared_session_shows_the_true_label_read_only(open_app: OpenApp, known: Session) -> None:
    app = open_app("shared", share=share(known), image=sha256_of("same.jpg"))

    assert "True label: cat" in page_text(app)
    assert not [box for box in app.selectbox if box.label == "True label"]
    assert not app.get("page_link")


@pytest.mark.parametrize(
    ("part", "text"), [("Compare", "both get the same number right (1 fix, 1 regression)"), ("Cards", "px")]
)
def test_a_link_opens_the_comparison_and_cards(open_app: OpenApp, known: Session, part: str, text: str) -> None:
    app = open_app("shared", share=share(known), **{TABS_KEY: part})

    assert text in page_text(app)
    assert "Over" not in [each.label for each in app.segmented_control]


def test_a_visit_by_link_is_no_interim_analysis(open_app: OpenApp, known: Session) -> None:
    before = resources.store().sessions.find_state()

    open_app("shared", share=share(known), **{TABS_KEY: "Compare"})

    assert resources.store().sessions.find_state() == before


@pytest.mark.parametrize("kind", ["wrong", "expired", "revoked", "none"])
def test_invalid_expired_and_revoked_links_show_the_same_message(open_app: OpenApp, known: Session, kind: str) -> None:
    tokens = {"wrong": "wrong", "expired": share(known, timedelta(0)), "revoked": share(known), "none": ""}
    for link in resources.store().sharing.find(known.id):
        resources.store().sharing.revoke(known.id, link.number, datetime.now(UTC))

    app = open_app("shared", share=tokens[kind])

    assert [title.value for title in app.title] == ["Second Look"]
    assert page_text(app).strip() == "This link is not valid. Ask the person who sent it for a new one."


def test_a_link_to_a_session_under_blind_review_waits_until_it_is_done(open_app: OpenApp, known: Session) -> None:
    resources.store().reviews.change(known.id, Review(ReviewMode.BLIND))

    app = open_app("shared", share=share(known))

    assert "under blind review" in page_text(app)
    assert "6 of 6 images" not in page_text(app)


def test_a_link_is_revoked_with_one_click(open_app: OpenApp, known: Session) -> None:
    token = share(known)
    app = open_sharing(open_app, known)

    next(button for button in app.button if str(button.key).startswith("revoke-")).click().run()

    assert "revoked " in page_text(app)
    assert resources.store().sharing.find_by_token(token, datetime.now(UTC)) is None
