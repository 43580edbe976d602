"""Export folders that can be served, and the reasons why others cannot."""

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.errors import UnservableModel
from lib.serving.models.export_folders import Export
from lib.settings import ROOT
from tests.builders.checked_exports import read_export
from tests.builders.exports import COLORS, NetworkPlan, make_export, make_network, make_network_with_dict


def make_folder(tmp_path: Path, **files: bytes) -> Path:
    """Return an export folder with files added or replaced; `manifest_json` becomes `manifest.json`."""
    folder = make_export(tmp_path / "export")
    for name, content in files.items():
        (folder / name.replace("_json", ".json").replace("_txt", ".txt")).write_bytes(content)
    return folder


def make_sized(size_bytes: int) -> Export:
    export = read_export(ROOT / "models/imagenet/v1")
    return Export(export.model_file, export.network, export.labels, size_bytes, export.changed_at, export.etag)


def test_a_model_file_and_a_label_file_form_an_export(tmp_path: Path) -> None:
    export = read_export(make_export(tmp_path / "export"))

    assert export.model_file == tmp_path / "export" / "model.tflite"
    assert export.labels == ("red", "green", "blue")
    assert export.size_bytes == (tmp_path / "export" / "model.tflite").stat().st_size


def test_labels_keep_their_order_and_lose_any_line_ending(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, dict_txt=b"\xef\xbb\xbfz\xc3\xbcrich red\r\ngreen\r\nblue\r\n\r\n")

    assert read_export(folder).labels == ("zürich red", "green", "blue")


def test_embedded_labels_are_used_if_the_folder_has_no_label_file(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export", labels=None)
    (folder / "model.tflite").write_bytes(make_network_with_dict(("cat", "dog", "--other--")))

    assert read_export(folder).labels == ("cat", "dog", "--other--")


def test_a_label_file_in_the_folder_overrides_embedded_labels(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export", labels=COLORS)
    (folder / "model.tflite").write_bytes(make_network_with_dict(("cat", "dog", "--other--")))

    assert read_export(folder).labels == COLORS


def test_the_manifest_sets_the_file_names(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export", labels=None, name="flowers.tflite")
    (folder / "labels.txt").write_text("a\nb\nc", encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"modelFile": "flowers.tflite", "labelsFile": "labels.txt"}))

    export = read_export(folder)

    assert (export.model_file.name, export.labels) == ("flowers.tflite", ("a", "b", "c"))


def test_a_single_model_file_may_have_any_name(tmp_path: Path) -> None:
    assert read_export(make_export(tmp_path / "export", name="v7.tflite")).model_file.name == "v7.tflite"


def test_shapes_in_the_metadata_are_ignored(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, tflite_metadata_json=b'{"inputShape": [1, 999, 999, 3], "inputType": "FLOAT"}')

    network = read_export(folder).network

    assert network.input_text == "uint8 8 x 8"


def test_the_time_of_an_export_is_the_modification_time_of_its_model_file(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export")
    os.utime(folder / "model.tflite", (0, 1_000_000_000))

    # date --utc --date=@1000000000
    assert read_export(folder).changed_at == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)


def test_the_etag_is_a_digest_of_the_model_and_its_labels(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export")

    content = (folder / "model.tflite").read_bytes() + b"red\ngreen\nblue"
    assert read_export(folder).etag == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("size_bytes", "model_type"),
    [
        # Google's sizes of the three: 0.6, 3.2 and 10.2 MB.
        (600_000, "mobile-low-latency-1"),
        (3_200_000, "mobile-versatile-1"),
        (10_200_000, "mobile-high-accuracy-1"),
    ],
)
def test_the_model_type_is_derived_from_the_model_size(size_bytes: int, model_type: str) -> None:
    assert make_sized(size_bytes).model_type == model_type


def test_a_label_count_that_differs_from_the_score_count_is_rejected(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export", NetworkPlan(score_count=4))

    with pytest.raises(UnservableModel, match="3 labels do not fit an output of 4 scores"):
        read_export(folder)


def test_object_detection_metadata_is_rejected(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, tflite_metadata_json=b'{"outputTensorRepresentation": ["bounding_boxes"]}')

    with pytest.raises(UnservableModel, match="object detection"):
        read_export(folder)


def test_a_folder_without_a_model_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(UnservableModel, match=r"no model[.]tflite"):
        read_export(tmp_path)


def test_two_model_files_with_unexpected_names_are_rejected(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export", name="a.tflite")
    (folder / "b.tflite").write_bytes(make_network(NetworkPlan()))

    with pytest.raises(UnservableModel, match=r"2 [.]tflite files"):
        read_export(folder)


def test_a_folder_without_labels_is_rejected(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export", labels=None)

    with pytest.raises(UnservableModel, match=r"no dict[.]txt, neither in the folder nor inside model[.]tflite"):
        read_export(folder)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("manifest_json", b"{", "manifest.json is not a JSON object"),
        ("manifest_json", b"[1]", "manifest.json is not a JSON object"),
        ("manifest_json", b'{"modelFile": "gone.tflite"}', "'gone.tflite', which is not a file of this folder"),
        ("manifest_json", b'{"modelFile": "../export/model.tflite"}', "not a file of this folder"),
        ("manifest_json", b'{"labelsFile": 7}', "names 7"),
        ("dict_txt", b"r\xe9d\ngreen\nblue", "not UTF-8"),
    ],
)
def test_unusable_files_are_rejected_by_name(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    folder = make_folder(tmp_path, **{name: content})

    with pytest.raises(UnservableModel, match=reason):
        read_export(folder)


def test_a_file_that_cannot_be_opened_is_rejected_with_the_system_error(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "export")
    (folder / "model.tflite").unlink()
    (folder / "model.tflite").symlink_to(tmp_path / "gone")

    with pytest.raises(UnservableModel):
        read_export(folder)
