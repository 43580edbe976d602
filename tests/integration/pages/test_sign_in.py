"""What each role can see and do when sign-in is required."""

import time
from datetime import UTC, datetime

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.domain.sessions import Session, ShareTerms
from lib.ui.compare.verdicts import SCOPE_KEY
from lib.ui.history.share_tab import CREATE_KEY as MAKE_LINK_KEY
from lib.ui.models.access_tabs import CREATE_KEY, NOTE_KEY
from lib.ui.visitor import NAME_KEY, SIGN_IN_KEY, SIGN_OUT_KEY
from lib.web import resources
from tests.integration.pages import conftest
from tests.integration.pages.conftest import AUTH, OpenApp
from tests.integration.pages.known_session import make_known_session, sha256_of
from tests.integration.pages.page import charts, page_text, read_sample, unescape_markdown, upload

PAGES = ("predict", "history", "compare", "review", "robustness", "models", "audit_log")
ADA, GRACE, VERA = "ada@example.com", "grace@example.com", "vera@example.org"


def said_of(address: str, *, ago_s: float = 60, **others: object) -> dict[str, object]:
    """Return the provider's claims about a person who signed in a minute ago."""
    claims = {"is_logged_in": True, "email": address, "email_verified": True, "name": "Somebody", "sub": address}
    return {**claims, "iat": int(time.time() - ago_s), **others}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, open_app: OpenApp) -> Session:
    """A session, where Ada is an admin, Grace a reviewer, and everybody of example.org a viewer."""
    monkeypatch.setenv("SECOND_LOOK_ADMINS", ADA)
    monkeypatch.setenv("SECOND_LOOK_REVIEWERS", GRACE)
    monkeypatch.setenv("SECOND_LOOK_VIEWERS", "@example.org")
    open_app("history", said_of(ADA))
    return make_known_session()


def keys(app: AppTest) -> set[str]:
    """Keys of the buttons on the page."""
    return {str(button.key) for button in app.button}


def find_menu(app: AppTest) -> list[str]:
    """Return the menu options of the first session."""
    return [option for menu in app.get("menu_button")[:1] for option in menu.proto.options]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_sign_in_a_visitor_sees_only_the_sign_in(open_app: OpenApp, known: Session, page: str) -> None:
    app = open_app(page, {"is_logged_in": False}, session=known.id, view="matrix")

    assert keys(app) == {f"{SIGN_IN_KEY}-default"}
    assert known.title not in page_text(app)
    assert not app.sidebar.children


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        (said_of("eve@example.net"), "eve@example.net has no access"),
        (said_of(ADA, email_verified=False), f"has not verified the address {ADA}"),
        (said_of(ADA, ago_s=11 * 3600), "Your sign-in has expired after 10 hours. Sign in again."),
    ],
)
def test_a_refused_sign_in_shows_the_reason(
    open_app: OpenApp, known: Session, claims: dict[str, object], sentence: str
) -> None:
    app = open_app("history", claims, session=known.id)

    assert sentence in unescape_markdown(app.warning[0].value)
    assert keys(app) == {f"{SIGN_IN_KEY}-default"}


def test_each_provider_has_a_button_of_its_own(
    open_app: OpenApp, known: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = {name: AUTH[name] for name in ("redirect_uri", "cookie_secret")}
    other = {name: AUTH[name] for name in AUTH if name not in shared}
    monkeypatch.setattr(conftest, "AUTH", {**shared, "google": other, "okta": other})
    st.cache_resource.clear()

    app = open_app("history", {"is_logged_in": False})

    assert [button.label for button in app.button] == ["Sign in with Google", "Sign in with Okta"]


def test_a_link_needs_no_sign_in(open_app: OpenApp, known: Session) -> None:
    token = resources.store().sharing.add(known.id, ShareTerms(), ADA, datetime.now(UTC))

    app = open_app("shared", {"is_logged_in": False}, share=token)

    assert "6 of 6 images" in page_text(app)


@pytest.mark.parametrize(
    ("address", "refused"),
    [(VERA, {"review", "robustness", "audit_log"}), (GRACE, {"audit_log"}), (ADA, set[str]())],
)
def test_each_role_has_its_pages(open_app: OpenApp, known: Session, address: str, refused: set[str]) -> None:
    found = {page for page in PAGES if "This page requires the" in page_text(open_app(page, said_of(address)))}

    assert found == refused


def test_opening_a_page_of_another_role_is_recorded_once_however_often_the_page_is_drawn(
    open_app: OpenApp, known: Session
) -> None:
    for page in ("review", "audit_log"):
        open_app(page, said_of(VERA)).run().run()
    open_app("audit_log", said_of(GRACE))
    open_app("audit_log", said_of(ADA))

    refused = [entry for entry in resources.store().audit.find() if entry.action == "REFUSED"]
    assert [(entry.actor, entry.details) for entry in reversed(refused)] == [
        (VERA, "Opened page for reviewers: needs the role reviewer"),
        (VERA, "Opened page for admins: needs the role admin"),
        (GRACE, "Opened page for admins: needs the role admin"),
    ]
    assert resources.store().audit.find_repeats() == []


def test_a_viewer_sees_the_whole_session_read_only(open_app: OpenApp, known: Session) -> None:
    app = open_app("history", said_of(VERA), session=known.id, view="matrix", image=sha256_of("same.jpg"))

    assert "6 of 6 images" in page_text(app)
    assert "True label: cat" in page_text(app)
    assert [tab.label for tab in app.tabs] == ["Images", "Trends", "Export"]
    assert keys(app) == {SIGN_OUT_KEY, "image-before", "image-next"}
    assert find_menu(open_app("history", said_of(VERA))) == []


def test_a_viewer_who_opens_the_predict_page_of_a_session_sees_its_cards_and_cannot_add_to_it(
    open_app: OpenApp, known: Session
) -> None:
    app = open_app("predict", said_of(VERA), session=known.id)

    assert len(charts(app)) == 6
    assert keys(app) == {SIGN_OUT_KEY}
    assert not app.file_uploader


def test_a_viewer_compares_over_all_sessions_too(open_app: OpenApp, known: Session) -> None:
    app = open_app("compare", said_of(VERA), session=known.id)

    assert app.button_group(SCOPE_KEY).options == ["This session", "All sessions"]


@pytest.mark.parametrize(
    ("address", "menu", "tabs"),
    [
        (GRACE, ["Rename", "Archive"], ["Versions", "Evaluation", "Use it from code", "Tokens", "Connection"]),
        (
            ADA,
            ["Rename", "Archive", "Delete"],
            ["Versions", "Evaluation", "Use it from code", "Tokens", "Connection", "Upload"],
        ),
    ],
)
def test_only_admins_delete_deploy_and_upload(
    open_app: OpenApp, known: Session, address: str, menu: list[str], tabs: list[str]
) -> None:
    models = open_app("models", said_of(address))

    assert find_menu(open_app("history", said_of(address))) == menu
    assert [tab.label for tab in models.tabs] == tabs
    assert any(key.startswith("undeploy-") for key in keys(models)) == (address == ADA)


def test_a_click_after_the_sign_in_has_ended_does_nothing(open_app: OpenApp, known: Session) -> None:
    app = open_app("history", said_of(ADA), session=known.id, view="matrix", part="Share")
    app.user = said_of(ADA, ago_s=11 * 3600)

    app.button(MAKE_LINK_KEY).click().run()

    assert resources.store().sharing.find(known.id) == []
    assert keys(app) == {f"{SIGN_IN_KEY}-default"}


def test_a_click_after_losing_the_role_does_nothing_and_shows_a_message(open_app: OpenApp, known: Session) -> None:
    app = open_app("history", said_of(ADA), session=known.id, view="matrix", part="Share")
    app.user = said_of(VERA)

    app.button(MAKE_LINK_KEY).click().run()

    assert resources.store().sharing.find(known.id) == []
    assert [unescape_markdown(toast.value) for toast in app.toast] == [
        "You have no permission: this needs the role reviewer."
    ]
    (latest,) = resources.store().audit.find(limit=1)
    assert (latest.actor, latest.description) == (VERA, "Was refused")
    assert latest.details == "Created link: needs the role reviewer"


def test_audit_events_have_the_verified_address(open_app: OpenApp, known: Session) -> None:
    app = upload(open_app("predict", said_of(GRACE, name="Ada")), cat_jpg=read_sample("cat.jpg"))

    done = [(entry.actor, entry.action) for entry in resources.store().audit.find()]
    (session, _) = [summary.session for summary in resources.store().sessions.find()]
    assert done == [(GRACE, "PREDICT"), (GRACE, "CREATE_SESSION"), (GRACE, "SIGN_IN"), (ADA, "SIGN_IN")]
    assert session.created_by == GRACE
    assert "grace@example.com · reviewer" in page_text(app)
    assert NAME_KEY not in {field.key for field in app.text_input}


def test_signing_out_invalidates_every_copy_of_the_cookie(open_app: OpenApp, known: Session) -> None:
    here = said_of(ADA, nonce="n1")
    app = open_app("history", dict(here))

    app.button(SIGN_OUT_KEY).click().run()

    (latest,) = resources.store().audit.find(limit=1)
    assert (latest.actor, latest.action) == (ADA, "SIGN_OUT")
    (warning,) = open_app("history", dict(here)).warning
    assert warning.value.replace("\\", "") == "You signed out."
    assert SIGN_OUT_KEY in keys(open_app("history", said_of(ADA, nonce="n2")))


def test_a_token_is_shown_once_and_listed_for_its_creator_and_for_admins(open_app: OpenApp, known: Session) -> None:
    app = open_app("models", said_of(GRACE), models="Tokens")
    app.text_input(NOTE_KEY).set_value("Nightly")
    app.button(CREATE_KEY).click().run()

    (token,) = [code.value for code in app.code]
    assert resources.store().people.use_token(token, datetime.now(UTC)) is not None
    again = open_app("models", said_of(GRACE), models="Tokens")
    assert [code.value for code in again.code] == []
    assert "Nightly · created " in page_text(again)
    assert f"by {GRACE}" in page_text(open_app("models", said_of(ADA), models="Tokens"))


def test_a_revoked_token_is_rejected(open_app: OpenApp, known: Session) -> None:
    token = resources.store().people.add_token("Nightly", GRACE, datetime.now(UTC))

    open_app("models", said_of(ADA), models="Tokens").button("revoke-token-1").click().run()

    assert resources.store().people.use_token(token, datetime.now(UTC)) is None
    assert resources.store().audit.find()[0].action == "REVOKE_TOKEN"


def test_reviewers_do_not_see_the_tokens_of_others(open_app: OpenApp, known: Session) -> None:
    resources.store().people.add_token("Secret plan", ADA, datetime.now(UTC))

    assert "Secret plan" not in page_text(open_app("models", said_of(GRACE), models="Tokens"))


def test_without_sign_in_there_are_no_tokens_and_no_sign_out(open_app: OpenApp) -> None:
    app = open_app("models")

    assert "Tokens" not in [tab.label for tab in app.tabs]
    assert SIGN_OUT_KEY not in keys(app)


def test_a_sign_in_is_recorded_once_however_many_pages_and_clicks_follow(open_app: OpenApp, known: Session) -> None:
    here = said_of(GRACE, nonce="n1")
    open_app("history", dict(here)).run()
    open_app("models", dict(here))
    open_app("history", {**here, "nonce": "n2"})

    found = [entry.details for entry in resources.store().audit.find() if entry.actor == GRACE]
    assert found == ["as reviewer", "as reviewer"]


def test_a_refused_sign_in_is_recorded_only_with_the_verified_address(open_app: OpenApp, known: Session) -> None:
    open_app("history", said_of("eve@example.net"))
    open_app("history", said_of("mallory@example.net", email_verified=False))

    refused = [entry for entry in resources.store().audit.find() if entry.action == "REFUSED"]
    assert [(entry.actor, entry.details) for entry in refused] == [("eve@example.net", "Signed in: not admitted")]
