"""Malicious folders and archives: each is rejected with a reason, and other versions are served."""

import io
import json
import os
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lib.errors import UnservableModel
from tests.builders.checked_exports import make_service, read_export, read_library
from tests.builders.exports import COLORS, NetworkPlan, make_export, make_network

Spoil = Callable[[Path], object]


def make_model_with(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a model file followed by a zip of these entries."""
    file = io.BytesIO(make_network(NetworkPlan()))
    with zipfile.ZipFile(file, "a", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def embed(folder: Path, model: bytes) -> None:
    """Replace the model in the folder and delete its dict.txt."""
    (folder / "dict.txt").unlink()
    (folder / "model.tflite").write_bytes(model)


def embed_bomb(folder: Path) -> None:
    embed(folder, make_model_with({"dict.txt": bytes(100 << 20)}))


def embed_bomb_that_lies(folder: Path) -> None:
    """Embed a dict.txt whose size the archive directory falsely gives as 10 bytes."""
    content = bytearray(make_model_with({"dict.txt": bytes(100 << 20)}))
    # Uncompressed size: offset 22 in the local header, 24 in the central directory. APPNOTE 4.3.7, 4.3.12.
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.rfind(signature) + offset
        content[at : at + 4] = struct.pack("<I", 10)
    embed(folder, bytes(content))


def embed_many(folder: Path) -> None:
    embed(folder, make_model_with({f"{number}": b"" for number in range(2000)}))


def embed_lzma(folder: Path) -> None:
    embed(folder, make_model_with({"dict.txt": b"red\ngreen\nblue"}, zipfile.ZIP_LZMA))


def replace(name: str, make: Callable[[Path], object]) -> Spoil:
    """Replace a file by something else."""

    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return spoil


def make_huge(file: Path) -> None:
    """Make a sparse file of one terabyte."""
    with file.open("wb") as stream:
        stream.truncate(1 << 40)


def write(content: bytes) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(content)


def link_to(target: str) -> Callable[[Path], object]:
    return lambda file: file.symlink_to(target)


DEEP = b"[" * 200_000
WIDE = b'{"a": [' + b"[]," * 300_000 + b"1]}"
HOSTILE = {
    "embedded-bomb": (embed_bomb, "dict.txt has more than 4 MB"),
    "embedded-bomb-that-lies": (embed_bomb_that_lies, "damaged"),
    "embedded-many": (embed_many, "too many files"),
    "embedded-lzma": (embed_lzma, "uses an unsupported"),
    "huge-labels": (replace("dict.txt", make_huge), "dict.txt has more than 4 MB"),
    "huge-model": (replace("model.tflite", make_huge), "model.tflite has more than 300 MB"),
    "huge-manifest": (replace("manifest.json", make_huge), "manifest.json has more than 1 MB"),
    "deep-manifest": (replace("manifest.json", write(DEEP)), "manifest.json is not a JSON object"),
    "wide-manifest": (replace("manifest.json", write(WIDE)), "manifest.json is not a JSON object"),
    "less-deep-manifest": (
        replace("manifest.json", write(b"[" * 50_000)),
        "manifest.json is not a JSON object: Nested too deeply",
    ),
    "deep-metadata": (replace("tflite_metadata.json", write(DEEP)), "tflite_metadata.json is not a JSON object"),
    "half-characters": (replace("manifest.json", write(b'{"modelFile": "\\ud800"}')), "is not a JSON object"),
    "nul-in-a-name": (replace("manifest.json", write(b'{"modelFile": "a\\u0000b"}')), "not a file of this folder"),
    "long-name": (
        replace("manifest.json", write(json.dumps({"labelsFile": "x" * 900_000}).encode())),
        "not a file of this folder",
    ),
    "pipe-for-labels": (replace("dict.txt", os.mkfifo), "dict.txt is not a regular file"),
    "pipe-for-a-model": (replace("model.tflite", os.mkfifo), "model.tflite is not a regular file"),
    "pipe-for-a-manifest": (replace("manifest.json", os.mkfifo), "manifest.json is not a regular file"),
    "folder-for-labels": (replace("dict.txt", Path.mkdir), "dict.txt is not a regular file"),
    "folder-for-a-model": (replace("model.tflite", Path.mkdir), "model.tflite is not a regular file"),
    "link-to-a-device": (replace("dict.txt", link_to("/dev/zero")), "dict.txt is a link to another folder"),
    "link-to-a-secret": (replace("dict.txt", link_to("../../../etc/passwd")), "dict.txt is a link to another folder"),
    "link-to-itself": (replace("dict.txt", link_to("dict.txt")), "dict.txt cannot be read"),
    "link-to-nothing": (replace("model.tflite", link_to("gone")), "model.tflite cannot be read"),
    "many-lines": (replace("dict.txt", write(b"\n" * 400_000)), "more than 100,000 labels"),
    "many-labels": (replace("dict.txt", write(b"a\n" * 100_001)), "more than 100,000 labels"),
    "long-label": (replace("dict.txt", write(b"a" * 501)), "label on line 1 has more than 500 characters"),
    "control-character": (replace("dict.txt", write(b"red\n\x1b[31mgreen\nblue")), "line 2 has .* U[+]001B"),
    "turned-text": (replace("dict.txt", write("a\u202eb".encode())), "line 1 has .* U[+]202E"),
}


@pytest.mark.parametrize(("spoil", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_malicious_export_is_rejected_with_a_reason(tmp_path: Path, spoil: Spoil, reason: str) -> None:
    folder = make_export(tmp_path / "models/hostile/v1")
    spoil(folder)

    with pytest.raises(UnservableModel, match=reason):
        read_export(folder)


def test_the_service_starts_despite_malicious_exports(tmp_path: Path) -> None:
    make_export(tmp_path / "colors/v1")
    for name, (spoil, _) in HOSTILE.items():
        spoil(make_export(tmp_path / "hostile" / name))

    service = make_service(tmp_path)

    assert [model.family for model in service.models] == ["colors"]
    assert {refused.version for refused in service.refused} == set(HOSTILE)
    assert max(len(refused.reason) for refused in service.refused) < 300


@pytest.mark.parametrize("name", ["embedded-bomb", "embedded-many", "wide-manifest", "many-lines", "long-name"])
def test_rejecting_a_malicious_export_takes_little_memory(tmp_path: Path, name: str) -> None:
    folder = make_export(tmp_path / "hostile/v1")
    HOSTILE[name][0](folder)
    tracemalloc.start()

    with pytest.raises(UnservableModel):
        read_export(folder)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 30 << 20


@pytest.mark.parametrize("name", [b"a\xffb", b"line\nbreak", b"\x1b[31mred", "a\u202eb".encode()])
def test_a_folder_name_that_cannot_be_displayed_is_rejected_under_a_printable_name(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "family" / os.fsdecode(name)).mkdir(parents=True)

    (refused,) = read_library(tmp_path).refused

    assert "the name of its folder has characters that cannot be shown" in refused.reason
    assert refused.version.encode().decode().isprintable()


@pytest.mark.parametrize("spoil", [make_huge, os.mkfifo, Path.mkdir, write(DEEP), link_to("/dev/zero")])
def test_a_malicious_evaluation_file_is_ignored(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    spoil(make_export(tmp_path / "colors/v1") / "evaluation.json")

    (model,) = read_library(tmp_path).models

    assert model.evaluations == ()


def test_a_file_with_an_unrepresentable_modification_time_is_served(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "colors/v1")
    os.utime(folder / "model.tflite", (0, 300_000_000_000))

    assert read_export(folder).labels == COLORS


def test_a_symbolic_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    folder = make_export(tmp_path / "colors/v1")
    (folder / "dict.txt").rename(folder / "labels.txt")
    (folder / "dict.txt").symlink_to("labels.txt")

    assert read_export(folder).labels == COLORS


def test_a_symbolic_link_to_an_export_folder_is_served(tmp_path: Path) -> None:
    make_export(tmp_path / "elsewhere/v1")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/colors").symlink_to(tmp_path / "elsewhere")

    assert [model.version for model in read_library(tmp_path / "models").models] == ["v1"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
@pytest.mark.parametrize("closed", ["colors", "colors/v1", "colors/v1/dict.txt", "colors/v1/model.tflite"])
def test_an_unreadable_file_is_rejected(tmp_path: Path, closed: str) -> None:
    make_export(tmp_path / "colors/v1")
    mode = stat.S_IMODE((tmp_path / closed).stat().st_mode)
    (tmp_path / closed).chmod(0o400 if closed == "colors" else 0)

    library = read_library(tmp_path)

    (tmp_path / closed).chmod(mode)
    assert "ermission denied" in library.refused[0].reason
