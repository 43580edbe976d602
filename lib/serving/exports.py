"""A folder that AutoML Vision Edge exported as TFLite, checked: what goes in, what comes out, and its labels."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.errors import UnservableModel
from lib.serving.models.networks import Network

# An export does not say which of AutoML's three mobile models it is; its size tells them apart well enough.
_SMALLEST_BYTES_OF_TYPE = [("mobile-high-accuracy-1", 5_700_000), ("mobile-versatile-1", 1_400_000)]


@dataclass(frozen=True, slots=True)
class Export:
    """A model file that can be served, and what is known of it.

    `labels` are in the order of the network's output. `etag` changes when the model file or a label does.
    `changed_at` is the model file's own time, in UTC. `model_type` is AutoML's word for the size of the network.
    """

    model_file: Path
    network: Network
    labels: tuple[str, ...]
    size_bytes: int
    changed_at: datetime
    etag: str

    @property
    def model_type(self) -> str:
        """AutoML's name for the kind of mobile model that has about this size."""
        fitting = (name for name, smallest in _SMALLEST_BYTES_OF_TYPE if self.size_bytes >= smallest)
        return next(fitting, "mobile-low-latency-1")


def read_export(folder: Path, open_network: Callable[[Path], Network]) -> Export:
    """The export in `folder`, with the network that `open_network` finds in its model file.

    Raises UnservableModel with the reason why it cannot be served.
    """
    try:
        return _read(folder, open_network)
    except OSError as error:
        raise UnservableModel(f"{error.strerror or error}: {error.filename}") from error


def _read(folder: Path, open_network: Callable[[Path], Network]) -> Export:
    described = dict(_descriptions(folder))
    model_file = _model_file(folder, described)
    network = open_network(model_file)
    labels = _labels(folder, model_file, described)
    if len(labels) != network.label_count:
        raise UnservableModel(f"{len(labels)} labels do not fit an output of {network.label_count} scores")
    return Export(
        model_file=model_file,
        network=network,
        labels=labels,
        size_bytes=model_file.stat().st_size,
        changed_at=datetime.fromtimestamp(model_file.stat().st_mtime, UTC),
        etag=_digest(model_file, labels),
    )


def _descriptions(folder: Path) -> Iterator[tuple[str, Any]]:
    """Entries of the JSON files that may lie beside a model; ML Kit's manifest.json comes last, and so wins."""
    for name in ("tflite_metadata.json", "manifest.json"):
        if (folder / name).is_file():
            yield from _json_object(folder / name).items()


def _json_object(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UnservableModel(f"{file.name} is not JSON") from error
    if not isinstance(content, dict):
        raise UnservableModel(f"{file.name} is not a JSON object")
    return content


def _model_file(folder: Path, described: dict[str, Any]) -> Path:
    if "outputTensorRepresentation" in described:
        raise UnservableModel("an object detection model; only image classification is served")
    if "modelFile" in described:
        return _named_file(folder, described["modelFile"])
    found = sorted(folder.glob("*.tflite"))
    usual = folder / "model.tflite"
    if usual in found:
        return usual
    if len(found) != 1:
        raise UnservableModel("no model.tflite" if not found else f"{len(found)} .tflite files, none is model.tflite")
    return found[0]


def _named_file(folder: Path, name: object) -> Path:
    """A file that a manifest names; it must lie in the folder itself, so that no manifest reaches out of it."""
    if not isinstance(name, str) or Path(name).name != name or not (folder / name).is_file():
        raise UnservableModel(f"manifest.json names {name!r}, which is not a file of this folder")
    return folder / name


def _labels(folder: Path, model_file: Path, described: dict[str, Any]) -> tuple[str, ...]:
    """One label a line, in the order of the output; from the folder, or else from inside the model file."""
    if "labelsFile" in described:
        content = _named_file(folder, described["labelsFile"]).read_bytes()
    elif (folder / "dict.txt").is_file():
        content = (folder / "dict.txt").read_bytes()
    else:
        content = _embedded_dict(model_file)
    try:
        return tuple(line.strip() for line in content.decode("utf-8-sig").split("\n") if line.strip())
    except UnicodeDecodeError as error:
        raise UnservableModel("the labels are not UTF-8 text") from error


def _embedded_dict(model_file: Path) -> bytes:
    """dict.txt of the zip archive that newer exports carry after the network."""
    try:
        with zipfile.ZipFile(model_file) as archive:
            return archive.read("dict.txt")
    except (zipfile.BadZipFile, KeyError) as error:
        raise UnservableModel(f"no dict.txt, neither in the folder nor inside {model_file.name}") from error


def _digest(model_file: Path, labels: tuple[str, ...]) -> str:
    with model_file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update("\n".join(labels).encode())
    return digest.hexdigest()
