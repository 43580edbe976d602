"""Two sessions with the same photograph and different families: each page shows only its session's versions."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.domain.sessions import ShareTerms
from lib.ui.comparison_settings import MARGIN_KEY
from lib.ui.comparison_settings import THRESHOLD_KEY as FROM_KEY
from lib.ui.job_controls import PREDICT_KEY
from lib.ui.version_choice import FAMILY_KEY, PROJECT_KEY, PROVIDER_KEY, REGION_KEY, VERSIONS_KEY
from lib.web import resources
from tests.builders.exports import make_export
from tests.builders.values import NOON
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session
from tests.integration.pages.page import (
    bars,
    charts,
    page_text,
    read_sample,
    session_of,
    unescape_markdown,
    upload,
    wait_for_predictions,
)

Sessions = tuple[str, str]


@pytest.fixture
def two_sessions(open_app: OpenApp) -> Sessions:
    """IDs of a session predicted by imagenet, and of one predicted by a slow version of another family."""
    first = upload(open_app(), cat_jpg=read_sample("cat.jpg"))
    second = upload(open_app(family="faults", versions="slow"), same_jpg=read_sample("cat.jpg"))
    return session_of(first), session_of(second)


def start_again() -> None:
    """Restart the app, which rereads its models folder."""
    resources.prediction_service().stop()
    resources.store().close()
    st.cache_resource.clear()


def test_a_session_opens_with_the_family_that_predicted_it(open_app: OpenApp, two_sessions: Sessions) -> None:
    first, second = two_sessions

    imagenet, faults = open_app(session=first), open_app(session=second)

    assert (imagenet.selectbox(FAMILY_KEY).value, list(bars(imagenet))) == ("imagenet", ["v1", "v2"])
    assert (faults.selectbox(FAMILY_KEY).value, list(bars(faults))) == ("faults", ["slow"])


def test_the_list_counts_the_versions_of_each_session(open_app: OpenApp, two_sessions: Sessions) -> None:
    app = open_app("history")

    text = [caption.value.replace("\\", "") for caption in app.caption]
    assert [line.split(" · ")[1] for line in text] == ["1 version", "2 versions"]


@pytest.mark.parametrize("page", ["predict", "review", "compare", "robustness"])
def test_no_page_shows_the_versions_of_another_session(open_app: OpenApp, two_sessions: Sessions, page: str) -> None:
    first, _ = two_sessions

    app = open_app(page, session=first, family="faults", versions="slow")

    assert charts(app) == []
    assert not any(button.label.startswith("Correct:") for button in app.button)


def test_a_family_without_predictions_in_the_session_is_offered_and_its_predictions_are_reused(
    open_app: OpenApp, two_sessions: Sessions
) -> None:
    first, second = two_sessions
    app = open_app(session=second, family="imagenet", versions=["v1", "v2"])
    before, offered = charts(app), page_text(app)
    resources.prediction_service().stop()

    wait_for_predictions(app.button(PREDICT_KEY).click().run())

    assert before == []
    assert "Not predicted yet: v1, 1 image; v2, 1 image" in offered
    assert bars(app) == bars(open_app(session=first))


def test_an_address_without_a_family_opens_with_the_one_that_predicted_last(
    open_app: OpenApp, two_sessions: Sessions
) -> None:
    _, second = two_sessions
    app = open_app(session=second, family="imagenet", versions="v1")
    wait_for_predictions(app.button(PREDICT_KEY).click().run())

    opened = open_app(session=second)

    assert (opened.selectbox(FAMILY_KEY).value, opened.multiselect(VERSIONS_KEY).value) == ("imagenet", ["v1"])


def warnings(app: AppTest) -> list[str]:
    return [unescape_markdown(warning.value) for warning in app.sidebar.warning]


def test_an_address_with_an_unknown_family_opens_as_one_without_and_shows_a_message(
    open_app: OpenApp, two_sessions: Sessions
) -> None:
    app = open_app(session=two_sessions[0], family="does-not-exist", versions="v1")

    assert (app.selectbox(FAMILY_KEY).value, list(bars(app))) == ("imagenet", ["v1", "v2"])
    assert (app.query_params[FAMILY_KEY], app.query_params[VERSIONS_KEY]) == ("imagenet", ["v1", "v2"])
    assert warnings(app) == ["The model family in this address is not available: does-not-exist. The default is shown."]
    assert warnings(app.run()) == warnings(app)
    assert warnings(app.multiselect(VERSIONS_KEY).set_value(["v2"]).run()) == []


def test_versions_of_an_unserved_family_are_not_replaced_by_those_of_another(open_app: OpenApp) -> None:
    app = open_app(family="does-not-exist", versions="v2")

    assert (app.selectbox(FAMILY_KEY).value, app.multiselect(VERSIONS_KEY).value) == ("imagenet", ["v1", "v2"])
    assert len(warnings(app)) == 1


def test_an_address_with_unknown_versions_shows_the_default_ones_and_a_message(
    open_app: OpenApp, two_sessions: Sessions
) -> None:
    app = open_app(session=two_sessions[0], family="imagenet", versions="v77")

    assert list(bars(app)) == ["v1", "v2"]
    assert app.query_params[VERSIONS_KEY] == ["v1", "v2"]
    assert warnings(app) == ["The versions in this address are not available. Default versions are shown."]


def test_a_region_that_does_not_exist_is_replaced_in_the_address(open_app: OpenApp) -> None:
    app = open_app(family="imagenet", versions="v1", region="mars")

    assert app.query_params[REGION_KEY] == "us-central1"
    assert warnings(app) == []


def test_a_share_link_shows_only_the_versions_of_its_session(open_app: OpenApp, two_sessions: Sessions) -> None:
    store = resources.store()
    token = store.sharing.add(two_sessions[1], ShareTerms("", None), "Ada", NOON)

    app = open_app("shared", share=token, **{"shared-part": "Cards"})

    assert list(bars(app)) == ["slow"]


def test_the_address_contains_the_complete_state_of_a_page(open_app: OpenApp) -> None:
    app = open_app()

    assert app.query_params[PROVIDER_KEY] == "built-in"
    assert app.query_params[PROJECT_KEY] == "second-look"
    assert app.query_params[REGION_KEY] == "us-central1"
    assert app.query_params[FAMILY_KEY] == "imagenet"
    assert app.query_params[VERSIONS_KEY] == ["v1", "v2"]


def test_an_address_shows_the_same_after_a_family_is_added(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_export(tmp_path / "models/colors/v1")
    monkeypatch.setenv("SECOND_LOOK_MODELS_DIR", str(tmp_path / "models"))
    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"))
    address = dict(app.query_params)

    make_export(tmp_path / "models/aardvark/v1")
    start_again()
    opened = open_app(**address)

    assert open_app().selectbox(FAMILY_KEY).value == "aardvark"
    assert opened.selectbox(FAMILY_KEY).value == "colors"
    assert bars(opened) == bars(app)


def test_an_address_still_shows_a_version_that_is_no_longer_served(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_export(tmp_path / "models/colors/v1")
    monkeypatch.setenv("SECOND_LOOK_MODELS_DIR", str(tmp_path / "models"))
    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"))
    address, drawn = dict(app.query_params), bars(app)
    (tmp_path / "models/colors").rename(tmp_path / "gone")
    start_again()

    opened = open_app(**address)

    assert opened.multiselect(VERSIONS_KEY).value == ["v1 (unavailable)"]
    assert list(bars(opened).values()) == list(drawn.values())


@pytest.mark.parametrize("part", ["Images", "Trends", "Export"])
def test_the_threshold_in_the_address_applies_to_every_tab_of_a_session(
    open_app: OpenApp, two_sessions: Sessions, part: str
) -> None:
    app = open_app("history", session=two_sessions[0], view="matrix", part=part, **{"from": "0.85"})

    assert app.slider(FROM_KEY).value == 0.85
    assert app.query_params["from"] == "0.85"


def test_the_margin_in_the_address_applies_to_the_report(open_app: OpenApp, two_sessions: Sessions) -> None:
    app = open_app("history", session=two_sessions[0], view="matrix", part="Export", margin="2")

    assert app.number_input(MARGIN_KEY).value == 2.0


@pytest.mark.parametrize(("name", "value"), [("flips", "Fixes"), ("confusion-of", "v2")])
def test_choices_below_a_verdict_are_in_the_address(open_app: OpenApp, name: str, value: str) -> None:
    known = make_known_session()
    detail = {"flips": "Fixes and regressions", "confusion-of": "Confusion"}[name]

    app = open_app("compare", session=known.id, detail=detail, **{name: value})

    assert [group.value for group in app.button_group if group.key == name] == [value]


def test_another_provider_is_not_called_with_the_project_of_the_previous_one(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    app = open_app()

    app.selectbox(PROVIDER_KEY).set_value("vertex").run()

    assert app.selectbox(PROJECT_KEY).value is None
    assert PROJECT_KEY not in app.query_params
