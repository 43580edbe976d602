"""Labels of uploaded exports can be cleaned."""

from pathlib import Path

import pytest

from lib.errors import UnclearLabels
from lib.serving import PredictionService
from tests.builders.exports import COLORS, make_network_with_dict
from tests.integration.serving.uploads.conftest import Files, find_left

NUMBERED = {"dict.txt": b"0 red\n1 green\n2 blue\n"}


def test_labels_that_start_with_numbers_require_a_decision(
    service: PredictionService, models_dir: Path, files: Files
) -> None:
    with pytest.raises(UnclearLabels, match='Labels start with their numbers, such as "0 red"'):
        service.add_export("colors", "v2", {**files, **NUMBERED})

    assert find_left(models_dir) == []


def test_numbers_before_labels_can_be_removed_permanently(
    service: PredictionService, models_dir: Path, files: Files
) -> None:
    served = service.add_export("colors", "v2", {**files, **NUMBERED}, clean_labels=True)

    assert (served.labels, served.export.notices) == (COLORS, ())
    assert (models_dir / "colors/v2/dict.txt").read_text() == "red\ngreen\nblue\n"


def test_numbers_before_labels_can_be_kept_with_a_notice(service: PredictionService, files: Files) -> None:
    served = service.add_export("colors", "v2", {**files, **NUMBERED}, clean_labels=False)

    assert served.labels == ("0 red", "1 green", "2 blue")
    assert "start with their numbers" in served.export.notices[0]


def test_embedded_labels_can_be_cleaned(service: PredictionService) -> None:
    model = make_network_with_dict(("b'red'", "b'green'", "b'blue'"))

    assert service.add_export("colors", "v2", {"model.tflite": model}, clean_labels=True).labels == COLORS


def test_labels_in_a_file_named_by_the_manifest_can_be_cleaned(service: PredictionService, files: Files) -> None:
    manifest = {"manifest.json": b'{"labelsFile": "labels.txt"}', "labels.txt": NUMBERED["dict.txt"]}

    served = service.add_export("colors", "v2", {"model.tflite": files["model.tflite"], **manifest}, clean_labels=True)

    assert served.labels == COLORS
