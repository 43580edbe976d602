"""Invalid uploads are rejected with a reason, and leave no files."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from lib.errors import UnservableModel
from lib.serving import PredictionService
from tests.integration.serving.uploads.conftest import Files, find_left, pack


@pytest.mark.parametrize("name", ["a\0b.txt", "a\ud800.txt", "", "..", "a/..", "x" * 300, "dict.txt:stream", "a\nb"])
def test_an_invalid_file_name_is_rejected(
    service: PredictionService, models_dir: Path, files: Files, name: str
) -> None:
    with pytest.raises(UnservableModel, match="is not a valid file name"):
        service.add_export("colors", "v2", {**files, name: b""})

    assert find_left(models_dir) == []


def encrypted(files: Files) -> Files:
    """Return a zip whose first entry is marked as encrypted."""
    content = bytearray(pack(files)["export.zip"])
    # Bit 0 of the flags, in the local header (offset 6) and in the central directory (offset 8). APPNOTE 4.3.7, 4.3.12.
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature) + offset
        content[at : at + 2] = struct.pack("<H", struct.unpack("<H", content[at : at + 2])[0] | 1)
    return {"export.zip": bytes(content)}


def linked(files: Files) -> Files:
    """Return a zip in which the label file is a link to a system file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("model.tflite", files["model.tflite"])
        link = zipfile.ZipInfo("dict.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return {"export.zip": stream.getvalue()}


def reaching_out(files: Files) -> Files:
    return pack({**files, "../../evil.txt": b"evil"})


def absolute(files: Files) -> Files:
    return pack({**files, "/tmp/evil.txt": b"evil"})  # noqa: S108


def of_windows(files: Files) -> Files:
    return pack({**files, "..\\..\\evil.txt": b"evil"})


def in_two_folders(files: Files) -> Files:
    return pack({f"a/{name}": content for name, content in files.items()} | {"b/dict.txt": b"cat"})


def with_many_files(files: Files) -> Files:
    return pack({**files, **{f"{number}.txt": b"" for number in range(60)}})


def with_many_entries(files: Files) -> Files:
    """Return a zip with more entries than allowed, all but two of which are ignored files."""
    return pack({**files, **{f"__MACOSX/{number}": b"" for number in range(1100)}})


def packed_by_lzma(files: Files) -> Files:
    return pack(files, zipfile.ZIP_LZMA)


def cut_off(files: Files) -> Files:
    return {"export.zip": pack(files)["export.zip"][:-30]}


def no_zip(_: Files) -> Files:
    return {"export.zip": b"milk, eggs"}


def zip_and_more(files: Files) -> Files:
    return {**pack(files), "dict.txt": b"cat"}


def without_labels(files: Files) -> Files:
    return {"model.tflite": files["model.tflite"]}


def with_too_few_labels(files: Files) -> Files:
    return {**files, "dict.txt": b"red\ngreen\n"}


def of_a_detector(files: Files) -> Files:
    return {**files, "tflite_metadata.json": b'{"outputTensorRepresentation": ["bounding_boxes"]}'}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (encrypted, "the zip is encrypted"),
        (linked, "'dict.txt' is a link"),
        (reaching_out, "points outside the folder"),
        (absolute, "points outside the folder"),
        (of_windows, "points outside the folder"),
        (in_two_folders, "files in several folders"),
        (with_many_files, "more than 50 files"),
        (with_many_entries, "too many files"),
        (packed_by_lzma, "uses an unsupported"),
        (cut_off, "damaged"),
        (no_zip, "damaged"),
        (zip_and_more, "more than a zip"),
        (without_labels, "no dict.txt"),
        (with_too_few_labels, "2 labels do not fit an output of 3 scores"),
        (of_a_detector, "an object detection model"),
    ],
)
def test_an_unservable_upload_is_rejected_with_a_reason_and_removed(
    service: PredictionService, models_dir: Path, files: Files, spoil: object, reason: str
) -> None:
    with pytest.raises(UnservableModel, match=reason):
        service.add_export("colors", "v2", spoil(files))  # type: ignore[operator]

    assert find_left(models_dir) == []
    assert not (models_dir.parent / "evil.txt").exists()
    assert [model.version for model in service.models] == ["v1"]


def test_a_zip_bomb_is_rejected(service: PredictionService, models_dir: Path, files: Files) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.tflite", files["model.tflite"])
        with archive.open("bomb.txt", "w") as bomb:
            for _ in range(310):
                bomb.write(bytes(1 << 20))

    with pytest.raises(UnservableModel, match="unpacked, the zip has more than 300 MB"):
        service.add_export("colors", "v2", {"export.zip": stream.getvalue()})

    assert len(stream.getvalue()) < 1 << 20
    assert find_left(models_dir) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", ".hidden", "x" * 65, "trailing.", "tab\tbed", "ключ"])
def test_names_that_are_not_portable_folder_names_are_rejected(
    service: PredictionService, files: Files, name: str
) -> None:
    with pytest.raises(UnservableModel, match="the name of the version must be"):
        service.add_export("colors", name, files)
    with pytest.raises(UnservableModel, match="the name of the family must be"):
        service.add_export(name, "v2", files)


def test_an_upload_does_not_replace_an_existing_version(service: PredictionService, files: Files) -> None:
    with pytest.raises(UnservableModel, match="colors v1 exists already"):
        service.add_export("colors", "v1", files)
