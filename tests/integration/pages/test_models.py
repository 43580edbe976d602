"""The Models page: versions, deployment, evaluations, code samples, and the connection check."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.jobs import JobKind
from lib.serving import PredictionService
from lib.serving.automl.rest_front import RestServer
from lib.ui.deployment_controls import CONFIRM_KEY, NODES_KEY, describe_cost
from lib.ui.models.access_tabs import CHECK_KEY, LANGUAGE_KEY
from lib.ui.models.evaluation_tab import LABEL_KEY, THRESHOLD_KEY
from lib.web import providers, resources
from tests.builders.checked_exports import make_service
from tests.builders.evaluations import write_evaluations
from tests.builders.exports import make_export
from tests.builders.image_files import make_file, make_noise
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import (
    bars,
    charts,
    choose_no_version,
    find_version,
    page_text,
    unescape_markdown,
    upload,
)

PROJECT = "my-project"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PredictionService]:
    """A server of the AutoML API with two versions, of which the first has an evaluation."""
    for version in ("v1", "v2"):
        make_export(tmp_path / "served/colors" / version)
    write_evaluations(tmp_path / "served/colors/v1")
    provider = make_service(tmp_path / "served")
    yield provider
    provider.stop()


@pytest.fixture
def open_automl(
    open_app: OpenApp, server: PredictionService, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AppTest]:
    """Opens the page on that server, in AutoML's place."""
    monkeypatch.setenv("SECOND_LOOK_AUTOML_ENDPOINT", f"127.0.0.1:{server.start_grpc()}")
    monkeypatch.setenv("SECOND_LOOK_PROJECTS", f"{PROJECT}, other-project")

    def open_(part: str = "Versions", **parameters: str) -> AppTest:
        return open_app("models", **{"provider": "automl", "models": part, **parameters})

    return open_


@pytest.fixture
def open_vertex(
    open_app: OpenApp, server: PredictionService, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., AppTest]]:
    """Opens the page on the stand-in for Vertex AI."""
    rest = RestServer(server.vertex_app, "127.0.0.1", 0)
    monkeypatch.setenv("SECOND_LOOK_VERTEX_ENDPOINT", f"http://127.0.0.1:{rest.port}")
    monkeypatch.setenv("SECOND_LOOK_PROJECTS", PROJECT)
    yield lambda part="Versions": open_app("models", provider="vertex", models=part)
    rest.stop()


def press(app: AppTest, key: str) -> AppTest:
    """Press the first button whose key begins so."""
    return next(button for button in app.button if str(button.key).startswith(key)).click().run()


def settle(app: AppTest) -> AppTest:
    """Redraw the page until no deployment is in progress."""
    while resources.jobs().find(JobKind.DEPLOYMENT):
        app.run()
    return app.run()


def test_a_version_is_shown_with_its_kind_age_and_expiry(open_automl: Callable[..., AppTest]) -> None:
    text = page_text(open_automl())

    assert "Deployed on 1 node" in text
    assert "mobile-low-latency-1 · single-label · created " in text
    assert "left until it expires on " in text


def test_the_built_in_versions_never_expire(open_app: OpenApp) -> None:
    text = page_text(open_app("models"))

    assert "mobile-versatile-1 · single-label" in text
    assert "two years" not in text


def test_projects_of_the_settings_can_be_chosen_and_no_others(open_automl: Callable[..., AppTest]) -> None:
    app = open_automl()
    (project,) = (box for box in app.selectbox if box.label == "Project")

    typed = open_automl(project="typed-project")

    assert project.options == [PROJECT, "other-project"]
    assert "settings do not list this project." in page_text(typed)
    assert not typed.code


def test_any_project_can_be_typed_if_the_settings_list_none(
    open_automl: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECOND_LOOK_PROJECTS")

    typed = open_automl(project="typed-project")

    assert any("projects/typed-project/locations/us-central1/models/ICN" in code.value for code in typed.code)


def test_a_version_is_undeployed_and_deployed_after_a_notice_of_its_cost(
    open_automl: Callable[..., AppTest],
) -> None:
    app = press(open_automl(), "undeploy-")
    app = settle(app.button(CONFIRM_KEY).click().run())
    removed = page_text(app)

    app = press(app, "deploy-")
    asked = page_text(app)
    app.number_input(NODES_KEY).set_value(2)
    app = settle(app.button(CONFIRM_KEY).click().run())

    assert "Not deployed" in removed
    assert "A deployed model uses 24 node-hours a day, 720 a month, even without predictions." in asked
    assert "Deployed on 2 nodes" in page_text(app)
    assert "Not deployed" not in page_text(app)


def test_the_cost_is_in_money_if_the_price_is_known() -> None:
    # Two nodes: 48 node-hours a day, 1,440 in 30 days; at 1.50 that is 72 and 2,160.
    assert describe_cost(2, price=1.5).endswith("At your price: 72.00 a day, 2,160.00 a month.")
    assert "price" not in describe_cost(2, price=0.0)


def test_the_built_in_provider_deploys_at_no_cost(open_app: OpenApp) -> None:
    open_app()
    list(providers.clients()["built-in"].undeploy(find_version("v1")))
    providers.served_versions.clear()

    app = press(open_app("models"), "deploy-")
    asked = page_text(app)
    app = settle(app.button(CONFIRM_KEY).click().run())

    assert "at no charge" in asked
    assert "Not deployed" not in page_text(app)


def test_a_failed_deployment_shows_the_reason_until_it_is_dismissed(
    open_automl: Callable[..., AppTest], server: PredictionService
) -> None:
    app = press(open_automl(), "undeploy-")
    server.stop()

    app.button(CONFIRM_KEY).click().run()
    while not any("failed" in error.value for error in app.error):
        app.run()
    failed = page_text(app)
    app = press(app, "dismiss-")

    assert "Undeploying colors v1 failed." in failed
    assert "Cannot reach " in failed
    assert "Undeploying colors v1 failed." not in page_text(app)


def test_an_evaluation_has_areas_and_precision_and_recall_at_the_threshold(
    open_automl: Callable[..., AppTest],
) -> None:
    app = open_automl("Evaluation")

    (table,) = app.table
    assert list(table.value["v1"]) == ["30", "0.900", "not reported", "1.250"]
    # make_evaluations: 25 of 30 are right from 0.5 on.
    assert "v1: precision 83.3%, recall 83.3%" in page_text(app)
    assert "No evaluation of v2." in page_text(app)
    assert "evaluation.json" in page_text(app)


def test_precision_and_recall_are_shown_for_each_label(open_automl: Callable[..., AppTest]) -> None:
    app = open_automl("Evaluation")

    app.selectbox(LABEL_KEY).set_value("blue").run()
    blue = page_text(app)
    app.slider(THRESHOLD_KEY).set_value(0.2).run()

    assert "v1: precision 90.0%, recall 90.0%" in blue
    # Nothing was measured below 0.5.
    assert "no data for blue" in page_text(app)


def test_confusion_matrices_of_evaluations_are_shown_side_by_side(
    open_automl: Callable[..., AppTest], tmp_path: Path
) -> None:
    write_evaluations(tmp_path / "served/colors/v2")
    app = open_automl("Evaluation")

    _, confusion, *_ = charts(app)

    assert confusion["layout"]["xaxis"]["ticktext"] == ["red", "green", "blue"]
    assert confusion["data"][1]["text"] == ["8", "1", "1", "2", "8", "", "", "1", "9"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("curl", "gcloud auth application-default print-access-token"),
        ("Python", 'api_endpoint="automl.googleapis.com"'),
        ("Node.js", "apiEndpoint: 'automl.googleapis.com'"),
        ("Java", "https://automl.googleapis.com/v1/projects/my-project"),
    ],
)
def test_code_samples_for_google_call_google(open_automl: Callable[..., AppTest], language: str, text: str) -> None:
    app = open_automl("Use it from code", **{LANGUAGE_KEY: language})

    assert text in app.code[0].value


def test_code_for_vertex_ai_calls_the_endpoint(open_vertex: Callable[..., AppTest]) -> None:
    app = open_vertex("Use it from code")

    assert "/endpoints/" in app.code[0].value
    assert ":predict" in app.code[0].value


def test_the_check_goes_from_the_credentials_to_a_prediction(open_vertex: Callable[..., AppTest]) -> None:
    app = open_vertex("Connection")

    text = page_text(app.button(CHECK_KEY).click().run())

    for step in (
        "**Credentials**: nobody",
        "**Project**: my-project; found",
        "**Region**: us-central1",
        "**API enabled, models listed**: 2 versions",
        "**Model deployed**: 2 of 2",
        "**Prediction**: colors v1 predicts for a sample: ",
    ):
        assert step in text


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make google-auth find no credentials."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


@pytest.mark.usefixtures("no_credentials")
@pytest.mark.parametrize("project", [{}, {"project": PROJECT}])
def test_missing_credentials_are_mentioned_once(open_app: OpenApp, project: dict[str, str]) -> None:
    app = open_app("models", provider="vertex", **project)

    (text,) = (error.value for error in app.sidebar.error)

    assert "No Google Cloud credentials found." in unescape_markdown(text)


@pytest.mark.usefixtures("no_credentials")
def test_the_check_stops_at_the_first_step_that_fails_with_what_to_do(open_app: OpenApp) -> None:
    app = open_app("models", provider="vertex", models="Connection")

    text = page_text(app.button(CHECK_KEY).click().run())

    assert "**Credentials**: No Google Cloud credentials found. Run `gcloud auth" in text
    assert "**Project**" not in text


def test_versions_of_the_sidebar_are_those_that_are_evaluated(open_automl: Callable[..., AppTest]) -> None:
    app = open_automl("Evaluation")

    choose_no_version(app)

    assert "Select at least one version in the sidebar." in page_text(app)


def test_an_image_for_vertex_ai_is_scaled_down_once_for_all_versions_and_its_card_mentions_it(
    open_app: OpenApp, open_vertex: Callable[..., AppTest]
) -> None:
    open_vertex()
    large = make_file("PNG", make_noise((1500, 1500)))

    app = upload(open_app(provider="vertex"), noise_png=large)

    assert "because the provider accepts at most 1.1 MB" in page_text(app)
    assert sorted(bars(app)) == ["v1", "v2"]
