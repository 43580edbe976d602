"""Uploading an export on the Models page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.models.upload_tab import (
    CLEAN_LABELS_KEY,
    FAMILY_KEY,
    FILES_KEY,
    UPLOAD_KEY,
    VERSION_KEY,
    find_next_version,
)
from tests.builders.exports import make_export
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import page_text


@pytest.fixture
def app(open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page, over a models folder with one version."""
    make_export(tmp_path / "models/colors/v1")
    monkeypatch.setenv("SECOND_LOOK_MODELS_DIR", str(tmp_path / "models"))
    return open_app("models", models="Upload")


def upload(app: AppTest, **files: bytes) -> AppTest:
    """Upload files by name and press the button. Names: `dict_txt` stands for dict.txt."""
    uploader = next(widget for widget in app.file_uploader if widget.key == FILES_KEY)
    for name, content in files.items():
        uploader.upload(name.replace("_", "."), content, "application/octet-stream")
    return app.button(UPLOAD_KEY).click().run()


def test_an_export_is_deployed_and_can_be_chosen_at_once(app: AppTest, tmp_path: Path, open_app: OpenApp) -> None:
    folder = make_export(tmp_path / "made")
    suggested = app.text_input(VERSION_KEY).value

    upload(app, model_tflite=(folder / "model.tflite").read_bytes(), dict_txt=(folder / "dict.txt").read_bytes())
    text = [success.value.replace("\\", "") for success in app.success]
    listed = page_text(open_app("models"))

    assert suggested == "v2"
    assert text == ["colors v2 is deployed: 3 labels, single-label, mobile-low-latency-1. Select it in the sidebar."]
    assert "2 versions" in listed


def test_an_export_that_cannot_be_deployed_is_refused_with_the_reason(app: AppTest) -> None:
    upload(app, export_zip=b"milk, eggs")

    assert "This model cannot be deployed: the zip is damaged" in page_text(app)


def upload_labels(app: AppTest, tmp_path: Path, labels: tuple[str, ...]) -> AppTest:
    folder = make_export(tmp_path / "made", labels=labels)
    names = {"model_tflite": "model.tflite", "dict_txt": "dict.txt"}
    return upload(app, **{key: (folder / name).read_bytes() for key, name in names.items()})


def test_numbers_before_labels_are_removed_after_confirmation(app: AppTest, tmp_path: Path) -> None:
    upload_labels(app, tmp_path, ("0 red", "1 green", "2 blue"))
    asked = app.warning[0].value.replace("\\", "")

    app.button(UPLOAD_KEY).click().run()

    assert asked.startswith('Labels start with their numbers, such as "0 red".')
    assert "colors v2 is deployed" in app.success[0].value.replace("\\", "")
    assert (tmp_path / "models/colors/v2/dict.txt").read_text(encoding="utf-8") == "red\ngreen\nblue\n"


def test_numbers_that_belong_to_labels_can_be_kept(app: AppTest, tmp_path: Path, open_app: OpenApp) -> None:
    upload_labels(app, tmp_path, ("1 star", "2 suns", "3 moons"))

    app.checkbox(CLEAN_LABELS_KEY).uncheck()
    app.button(UPLOAD_KEY).click().run()

    assert "colors v2 is deployed" in app.success[0].value.replace("\\", "")
    assert "Labels start with their numbers" in open_app("models").warning[0].value


def test_cleaning_that_would_make_two_labels_equal_is_not_offered(app: AppTest, tmp_path: Path) -> None:
    upload_labels(app, tmp_path, ("1 star", "2 stars", "3 stars"))

    assert "colors v2 is deployed" in app.success[0].value.replace("\\", "")
    assert [box.key for box in app.checkbox if box.key == CLEAN_LABELS_KEY] == []
    assert [warning.value for warning in app.warning] == []
    assert (tmp_path / "models/colors/v2/dict.txt").read_text(encoding="utf-8") == "1 star\n2 stars\n3 stars\n"


def test_a_label_on_two_lines_is_mentioned_at_upload_and_with_the_version(
    app: AppTest, tmp_path: Path, open_app: OpenApp
) -> None:
    upload_labels(app, tmp_path, ("cat", "dog", "cat"))
    told = [warning.value.replace("\\", "") for warning in app.warning]
    listed = [warning.value.replace("\\", "") for warning in open_app("models").warning]

    assert told == listed
    assert told[0].startswith('"cat" is on lines 1 and 3.')


def test_without_files_the_page_asks_for_them(app: AppTest) -> None:
    app.button(UPLOAD_KEY).click().run()

    assert "Select the files of an export first." in page_text(app)


def test_other_providers_accept_no_uploads(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")

    app = open_app("models", provider="vertex")

    assert [tab.label for tab in app.tabs] == ["Versions", "Evaluation", "Use it from code", "Connection"]


def test_the_suggested_version_counts_all_of_the_family_chosen_or_not_deployed_or_rejected(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("shapes/v7", "colors/v1", "colors/v2", "colors/v3", "colors/nightly"):
        make_export(tmp_path / "models" / name)
    (tmp_path / "models/colors/v3/model.tflite").write_bytes(b"milk, eggs")
    monkeypatch.setenv("SECOND_LOOK_MODELS_DIR", str(tmp_path / "models"))
    app = open_app("models", models="Upload", versions="v1")

    colors = app.text_input(VERSION_KEY).value
    shapes = app.selectbox(FAMILY_KEY).set_value("shapes").run().text_input(VERSION_KEY).value

    assert (colors, shapes) == ("v5", "v8")


def test_a_typed_version_name_stays_when_the_family_changes(app: AppTest) -> None:
    app.text_input(VERSION_KEY).set_value("nightly").run()

    app.selectbox(FAMILY_KEY).set_value("faults").run()

    assert app.text_input(VERSION_KEY).value == "nightly"


@pytest.mark.parametrize(
    ("names", "suggested"),
    [([], "v1"), (["baseline", "nightly"], "v3"), (["v1", "2026-11-23"], "v24"), (["v0012"], "v2"), (["v9"], "v10")],
)
def test_the_suggested_version_is_new_in_the_family(names: list[str], suggested: str) -> None:
    assert find_next_version(names) == suggested
