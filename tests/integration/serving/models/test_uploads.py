"""Exports that are uploaded: served at once, or refused with a reason and nothing left behind."""

import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.domain.images import ImageLimits
from lib.errors import UnclearLabels, UnservableModel
from lib.images.preparation import prepare_image
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import built_in_server
from lib.serving import PredictionService
from lib.serving.service import CHECKED_FILE
from tests.builders.checked_exports import make_service
from tests.builders.exports import COLORS, make_export, make_network_with_dict, make_picture

Files = dict[str, bytes]


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    """A models folder with one version."""
    make_export(tmp_path / "models/colors/v1")
    return tmp_path / "models"


@pytest.fixture
def service(models_dir: Path) -> Iterator[PredictionService]:
    service = make_service(models_dir)
    yield service
    service.stop()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """The files of an export that can be served."""
    folder = make_export(tmp_path / "made")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def pack(files: Files) -> Files:
    """The files in a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return {"export.zip": stream.getvalue()}


def find_left(models_dir: Path) -> list[str]:
    """Return the content of the models folder except the first version and the record of checks."""
    found = (str(path.relative_to(models_dir)) for path in models_dir.rglob("*"))
    return [path for path in found if not path.startswith("colors/v1") and path not in {"colors", CHECKED_FILE}]


def test_an_uploaded_version_is_served_immediately_and_after_a_restart(
    service: PredictionService, models_dir: Path, files: Files
) -> None:
    client = AutomlClient(built_in_server(f"127.0.0.1:{service.start_grpc()}"))
    before = [each.version.version for each in client.find_versions("second-look", "us-central1")]

    service.add_export("colors", "v2", files)

    versions = {each.version.version: each.version for each in client.find_versions("second-look", "us-central1")}
    image = prepare_image(make_picture("red"), "red.png", ImageLimits())
    top = client.predict(versions["v2"], image).top
    again = make_service(models_dir)
    assert (before, list(versions)) == (["v1"], ["v1", "v2"])
    assert top is not None
    assert top.label == "red"
    assert [model.version for model in again.models] == ["v1", "v2"]
    client.close()


def test_an_upload_does_not_deploy_undeployed_versions(service: PredictionService, files: Files) -> None:
    client = AutomlClient(built_in_server(f"127.0.0.1:{service.start_grpc()}"))
    (first,) = client.find_versions("second-look", "us-central1")
    list(client.undeploy(first.version))

    service.add_export("colors", "v2", files)

    found = {each.version.version: each.version.deployed for each in client.find_versions("second-look", "us-central1")}
    assert found == {"v1": False, "v2": True}
    client.close()


@pytest.mark.parametrize("top", ["", "my-model/", "a/b/"])
def test_a_zip_may_contain_the_files_or_their_folder(service: PredictionService, files: Files, top: str) -> None:
    served = service.add_export("birds", "v1", pack({f"{top}{name}": content for name, content in files.items()}))

    assert served.labels == COLORS


def test_an_upload_can_create_a_family(service: PredictionService, models_dir: Path, files: Files) -> None:
    service.add_export("New family 2", "first.try", files)

    assert (models_dir / "New family 2/first.try/model.tflite").is_file()


def test_system_files_in_a_zip_are_ignored(service: PredictionService, models_dir: Path, files: Files) -> None:
    added = {
        "__MACOSX/export/._dict.txt": b"resource fork",
        "__MACOSX/._export": b"resource fork",
        "export/.DS_Store": b"Bud1",
        "export/._model.tflite": b"resource fork",
        "export/Thumbs.db": b"thumbnails",
        "export/desktop.ini": b"[.ShellClassInfo]",
    }

    service.add_export("birds", "v1", pack({f"export/{name}": content for name, content in files.items()} | added))

    assert {path.name for path in (models_dir / "birds/v1").iterdir()} == {"model.tflite", "dict.txt"}


def test_system_files_among_uploaded_files_are_ignored(service: PredictionService, files: Files) -> None:
    served = service.add_export("birds", "v1", {**files, "._model.tflite": b"fork", ".DS_Store": b"Bud1"})

    assert served.labels == COLORS


@pytest.mark.parametrize("name", ["a\0b.txt", "a\ud800.txt", "", "..", "a/..", "x" * 300, "dict.txt:stream", "a\nb"])
def test_an_invalid_file_name_is_rejected(
    service: PredictionService, models_dir: Path, files: Files, name: str
) -> None:
    with pytest.raises(UnservableModel, match="is not a valid file name"):
        service.add_export("colors", "v2", {**files, name: b""})

    assert find_left(models_dir) == []


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
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return {"export.zip": stream.getvalue()}


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


def test_only_one_of_several_simultaneous_uploads_with_one_name_succeeds(
    service: PredictionService, files: Files
) -> None:
    def upload(_: int) -> str:
        try:
            return service.add_export("colors", "v2", files).version
        except UnservableModel as error:
            return str(error)

    with ThreadPoolExecutor(4) as threads:
        ends = list(threads.map(upload, range(4)))

    assert sorted(ends) == [*["colors v2 exists already: give the version another name"] * 3, "v2"]
    assert [model.version for model in service.models] == ["v1", "v2"]


def test_an_interrupted_upload_is_removed_at_the_next_start(models_dir: Path) -> None:
    (models_dir / ".upload-abc").mkdir()
    (models_dir / ".upload-abc/model.tflite").write_bytes(b"half of it")

    make_service(models_dir)

    assert find_left(models_dir) == []
