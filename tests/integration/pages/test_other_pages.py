"""The History and Models pages."""

import shutil
from pathlib import Path

import pytest

from lib.settings import ROOT
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import page_text, read_sample, session_of, upload


def test_an_empty_history_explains_what_to_do(open_app: OpenApp) -> None:
    app = open_app("history")

    assert "No sessions yet. Upload images to start one." in page_text(app)
    assert not app.exception


def test_history_lists_sessions_with_their_number_of_images(open_app: OpenApp) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))

    app = open_app("history")

    assert "1 image · " in page_text(app)
    (link,) = [link for link in app.get("page_link") if session_id in str(link.proto)]
    assert link.proto.label.startswith("Session ")


def test_models_lists_families_and_versions_with_their_names(open_app: OpenApp) -> None:
    app = open_app("models")

    assert "imagenet" in [heading.value for heading in app.subheader]
    assert any("projects/second-look/locations/us-central1/models/ICN" in code.value for code in app.code)
    assert not app.exception


def test_models_lists_an_unservable_folder_with_a_reason(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "models/imagenet/v1", tmp_path / "models/birds/v1")
    shutil.copytree(ROOT / "models/imagenet/v1", tmp_path / "models/birds/v2")
    (tmp_path / "models/birds/v2/dict.txt").write_text("one label\n")
    monkeypatch.setenv("SECOND_LOOK_MODELS_DIR", str(tmp_path / "models"))

    app = open_app("models")

    assert "birds/v2" in page_text(app)
    assert "1000" in page_text(app)
    assert "birds" in [heading.value for heading in app.subheader]
