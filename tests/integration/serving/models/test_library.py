"""What a models folder holds."""

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


def test_a_folder_that_cannot_be_served_is_named_with_the_reason_and_the_others_work(tmp_path: Path) -> None:
    make_export(tmp_path / "pets" / "v1")
    (tmp_path / "pets" / "v2").mkdir()

    library = read_library(tmp_path)

    assert [each.version for each in library.models] == ["v1"]
    assert library.refused == (RefusedFolder("pets", "v2", tmp_path / "pets" / "v2", "no model.tflite"),)


def test_the_log_has_the_reason_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "pets" / "v2").mkdir(parents=True)

    with caplog.at_level(logging.WARNING):
        read_library(tmp_path)

    assert caplog.messages == [f"{tmp_path / 'pets' / 'v2'} cannot be served: no model.tflite"]


def test_files_and_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    make_export(tmp_path / ".trash" / "v1")
    make_export(tmp_path / "pets" / ".v1")
    (tmp_path / "README.md").touch()
    (tmp_path / "pets" / "notes.txt").touch()

    library = read_library(tmp_path)

    assert (library.models, library.refused) == ((), ())


def test_a_models_folder_that_does_not_exist_holds_none(tmp_path: Path) -> None:
    assert read_library(tmp_path / "gone").models == ()
