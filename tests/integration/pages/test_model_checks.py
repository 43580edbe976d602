"""Checks of model files on the Models page, and versions that fail too often."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.serving import ServedModel
from lib.serving.api_errors import ApiError
from lib.ui.deployment_controls import CONFIRM_KEY
from lib.ui.models.versions_tab import describe_input
from lib.ui.version_choice import VERSIONS_KEY
from lib.web import providers, resources
from tests.builders import hostile_exports as hostile
from tests.builders.checked_exports import WORKERS
from tests.builders.exports import COLORS, NetworkPlan, make_export, make_network, make_picture, with_normalization
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import page_text
from tests.integration.pages.test_models import press, settle
from tests.integration.pages.test_upload import upload

LABELS = "\n".join(COLORS).encode()


@pytest.fixture
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with one version that no check has seen."""
    make_export(tmp_path / "models/colors/v1")
    monkeypatch.setenv("SECOND_LOOK_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


def put_hostile(models_dir: Path, version: str, content: bytes) -> None:
    make_export(models_dir / "colors" / version)
    (models_dir / "colors" / version / "model.tflite").write_bytes(content)


def redraw_until_checked(app: AppTest) -> AppTest:
    while resources.prediction_service().checking:
        app.run()
    return app.run()


def test_unchecked_versions_can_be_chosen_on_the_first_page(models_dir: Path, open_app: OpenApp) -> None:
    app = redraw_until_checked(open_app())

    assert app.multiselect(VERSIONS_KEY).options == ["v1"]


def test_other_versions_can_be_selected_while_a_file_is_being_checked(models_dir: Path, open_app: OpenApp) -> None:
    put_hostile(models_dir, "v2", hostile.make_hanging())
    app = open_app("models")
    while len(resources.prediction_service().checking) > 1:
        app.run()
    app.run()

    assert "Checking…" in [each.value for each in app.subheader]
    assert "colors/v2" in page_text(app)
    assert app.multiselect(VERSIONS_KEY).options == ["v1"]


def test_a_file_that_failed_its_check_is_listed_with_the_reason(models_dir: Path, open_app: OpenApp) -> None:
    put_hostile(models_dir, "v2", hostile.make_crashing())
    put_hostile(models_dir, "v3", hostile.make_with_nan_weight())

    text = page_text(redraw_until_checked(open_app("models")))

    assert "colors/v2" in text
    assert "model.tflite crashed its process" in text
    assert "The model returned a score of nan" in text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (hostile.make_crashing(), "crashed its process"),
        (hostile.make_with_gigabytes(), "a tensor of 28,610 MB"),
        (hostile.make_with_nan_weight(), "a score of nan"),
    ],
)
def test_a_malicious_upload_is_rejected_with_a_reason(
    models_dir: Path, open_app: OpenApp, content: bytes, reason: str
) -> None:
    app = redraw_until_checked(open_app("models", models="Upload"))

    upload(app, model_tflite=content, dict_txt=LABELS)

    assert reason in page_text(app)
    assert [model.version for model in own_models()] == ["v1"]


def own_models() -> list[ServedModel]:
    return [model for model in resources.prediction_service().models if model.family == "colors"]


def test_a_version_that_fails_three_times_is_out_of_service_with_the_reason_until_it_is_deployed(
    models_dir: Path, open_app: OpenApp
) -> None:
    put_hostile(models_dir, "v2", hostile.make_dying_on_bright())
    redraw_until_checked(open_app("models"))
    (_, dying) = own_models()
    for _ in range(3):
        with pytest.raises(ApiError):
            dying.scores(make_picture("white"))

    app = open_app("models")
    out = page_text(app)
    press(app, "deploy-")
    back = page_text(settle(app.button(CONFIRM_KEY).click().run()))

    assert "Out of service" in out
    assert "The model file crashed its process, and it failed 3 times in a row." in out
    assert "Out of service" not in back
    assert providers.versions_of("built-in", "second-look", "us-central1")[1].deployed


def test_the_page_describes_the_input_of_a_network_and_its_normalization(tmp_path: Path) -> None:
    escape_markdown = make_network(NetworkPlan(quantized_input=False))
    contents = [make_network(NetworkPlan()), escape_markdown, with_normalization(escape_markdown, (0.0,), (255.0,))]
    file = tmp_path / "model.tflite"

    text = []
    for content in contents:
        file.write_bytes(content)
        text.append(describe_input(WORKERS.check(file)))

    assert text == [
        "Input: uint8 8 x 8, pixels not normalized",
        "Input: float32 8 x 8, pixels scaled to -1 to 1 (not specified in the model's metadata)",
        "Input: float32 8 x 8, pixels minus 0, divided by 255, from the model's metadata",
    ]


def test_the_input_of_each_built_in_version_is_listed(open_app: OpenApp) -> None:
    text = page_text(open_app("models"))

    assert "Input: uint8 224 x 224, pixels not normalized" in text
    assert "Input: uint8 240 x 240, pixels not normalized" in text
