"""The content of a models folder."""

import logging
from pathlib import Path

import pytest

from lib.serving.models.library import RefusedFolder
from tests.builders.checked_exports import read_library
from tests.builders.exports import make_export


def test_every_version_of_every_family_is_served_in_order(tmp_path: Path) -> None:
    make_export(tmp_path / "pets" / "v2")
    make_export(tmp_path / "birds" / "v1")
    make_export(tmp_path / "pets" / "v1")

    library = read_library(tmp_path)

    assert [(each.family, each.version) for each in library.models] == [
        ("birds", "v1"),
        ("pets", "v1"),
        ("pets", "v2"),
    ]
    assert library.refused == ()


def test_an_unservable_folder_is_reported_with_a_reason_and_the_others_are_served(tmp_path: Path) -> None:
    make_export(tmp_path / "pets" / "v1")
    (tmp_path / "pets" / "v2").mkdir()

    library = read_library(tmp_path)

    assert [each.version for each in library.models] == ["v1"]
    assert library.refused == (RefusedFolder("pets", "v2", tmp_path / "pets" / "v2", "no model.tflite"),)


def test_the_reason_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "pets" / "v2").mkdir(parents=True)

    with caplog.at_level(logging.WARNING):
        read_library(tmp_path)

    assert caplog.messages == [f"{tmp_path / 'pets' / 'v2'} cannot be served: no model.tflite"]


def test_files_and_hidden_folders_are_ignored(tmp_path: Path) -> None:
    make_export(tmp_path / ".trash" / "v1")
    make_export(tmp_path / "pets" / ".v1")
    (tmp_path / "README.md").touch()
    (tmp_path / "pets" / "notes.txt").touch()

    library = read_library(tmp_path)

    assert (library.models, library.refused) == ((), ())


def test_a_missing_models_folder_has_no_versions(tmp_path: Path) -> None:
    assert read_library(tmp_path / "gone").models == ()
