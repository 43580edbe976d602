"""Reads and checks a folder that AutoML Vision Edge exported as TFLite: the network and its labels."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lib.errors import UnservableModel
from lib.serving.json_objects import read_json_object
from lib.serving.models.archives import open_archive, read_entry
from lib.serving.models.bounded_files import check_file, exists, get_changed_at, read_file
from lib.serving.models.labels import LabelList, clean_labels, find_notices, find_unclean, read_labels
from lib.serving.models.networks import Network

MOST_MODEL_BYTES = 300 << 20
MOST_LABEL_FILE_BYTES = 4 << 20
MOST_JSON_BYTES = 1 << 20

# An export does not state which of AutoML's three mobile models it is. Their sizes differ enough to tell.
_SMALLEST_BYTES_OF_TYPE = [("mobile-high-accuracy-1", 5_700_000), ("mobile-versatile-1", 1_400_000)]


@dataclass(frozen=True, slots=True)
class Export:
    """A model file that can be served, with its labels in NFC in the order of the network's output.

    `etag` changes with the model file or a label. `changed_at` is the model file's modification time in UTC. `notices`
    describe problems with the labels, and what to do.
    """

    model_file: Path
    network: Network
    labels: tuple[str, ...]
    size_bytes: int
    changed_at: datetime
    etag: str
    notices: tuple[str, ...] = ()

    @property
    def model_type(self) -> str:
        """AutoML's name of the mobile model of about this size, such as `mobile-versatile-1`."""
        matching = (name for name, smallest in _SMALLEST_BYTES_OF_TYPE if self.size_bytes >= smallest)
        return next(matching, "mobile-low-latency-1")


def read_export(folder: Path, open_network: Callable[[Path], Network]) -> Export:
    """Return the export in `folder`. `open_network` returns the network in its model file.

    Raises UnservableModel with the reason if it cannot be served.
    """
    try:
        return _read(folder, open_network)
    except OSError as error:
        raise UnservableModel(f"{error.strerror or error}: {error.filename}") from error


def find_unclean_labels(folder: Path) -> tuple[str, ...]:
    """Return the problems with the export's labels that `rewrite_labels` fixes."""
    return find_unclean(_find_labels(folder, dict(_read_descriptions(folder))).labels)


def rewrite_labels(folder: Path) -> None:
    """Clean the labels of the export in `folder`. Raises UnservableModel if they cannot be read."""
    descriptions = dict(_read_descriptions(folder))
    labels = clean_labels(_find_labels(folder, descriptions).labels)
    # A dict.txt in the folder overrides the one inside the model file.
    (folder / descriptions.get("labelsFile", "dict.txt")).write_text("\n".join(labels) + "\n", encoding="utf-8")


def _read(folder: Path, open_network: Callable[[Path], Network]) -> Export:
    descriptions = dict(_read_descriptions(folder))
    model_file = _find_model_file(folder, descriptions)
    size_bytes = check_file(model_file, MOST_MODEL_BYTES)
    found = _find_labels(folder, descriptions)
    network = open_network(model_file)
    if len(found.labels) != network.label_count:
        raise UnservableModel(f"{len(found.labels)} labels do not fit an output of {network.label_count} scores")
    return Export(
        model_file=model_file,
        network=network,
        labels=found.labels,
        size_bytes=size_bytes,
        changed_at=get_changed_at(model_file),
        etag=_digest(model_file, found.labels),
        notices=find_notices(found),
    )


def _read_descriptions(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield the entries of JSON files beside the model. ML Kit's manifest.json comes last, so it overrides others."""
    for name in ("tflite_metadata.json", "manifest.json"):
        if exists(folder / name):
            yield from _json_object(folder / name).items()


def _json_object(file: Path) -> dict[str, Any]:
    content = read_file(file, MOST_JSON_BYTES)
    try:
        return read_json_object(content)
    except ValueError as error:
        raise UnservableModel(f"{file.name} is not a JSON object: {error!s:.100}") from error


def _find_model_file(folder: Path, descriptions: dict[str, Any]) -> Path:
    if "outputTensorRepresentation" in descriptions:
        raise UnservableModel("an object detection model; only image classification is served")
    if "modelFile" in descriptions:
        return _named_file(folder, descriptions["modelFile"])
    # On disks of other systems, macOS adds a "._" file for each file.
    found = sorted(path for path in folder.iterdir() if path.suffix == ".tflite" and not path.name.startswith("._"))
    default = folder / "model.tflite"
    if default in found:
        return default
    if len(found) != 1:
        raise UnservableModel("no model.tflite" if not found else f"{len(found)} .tflite files, none is model.tflite")
    return found[0]


def _named_file(folder: Path, name: object) -> Path:
    """Return a file that the manifest names. It must be in the folder itself, never outside."""
    if not isinstance(name, str) or Path(name).name != name or not exists(folder / name):
        raise UnservableModel(f"manifest.json names {name!r:.60}, which is not a file of this folder")
    return folder / name


def _find_labels(folder: Path, descriptions: dict[str, Any]) -> LabelList:
    """Return the labels in the folder or, if there are none, those inside the model file."""
    file = _named_file(folder, descriptions["labelsFile"]) if "labelsFile" in descriptions else folder / "dict.txt"
    if exists(file):
        return read_labels(read_file(file, MOST_LABEL_FILE_BYTES))
    return read_labels(_embedded_dict(_find_model_file(folder, descriptions)))


def _embedded_dict(model_file: Path) -> bytes:
    """Return dict.txt from the zip archive that newer exports append to the network."""
    check_file(model_file, MOST_MODEL_BYTES)
    missing = UnservableModel(f"no dict.txt, neither in the folder nor inside {model_file.name}")
    if not zipfile.is_zipfile(model_file):
        raise missing
    with open_archive(model_file) as archive:
        entry = archive.NameToInfo.get("dict.txt")
        if entry is None:
            raise missing
        return read_entry(archive, entry, MOST_LABEL_FILE_BYTES)


def _digest(model_file: Path, labels: tuple[str, ...]) -> str:
    with model_file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update("\n".join(labels).encode())
    return digest.hexdigest()
