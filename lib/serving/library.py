"""All versions below a models folder, read once: what is served, and what was refused, with the reason."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.errors import UnservableModel, UnusableEvaluation
from lib.images.workers import ImageWorkers
from lib.serving.evaluation_files import read_evaluations
from lib.serving.exports import read_export
from lib.serving.interpreters import InterpreterPool
from lib.serving.served_models import ServedModel

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefusedFolder:
    """A folder that cannot be served. `reason` is a sentence's worth of words, with no full stop."""

    family: str
    version: str
    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Library:
    """What a models folder holds, by family and version name."""

    models: tuple[ServedModel, ...]
    refused: tuple[RefusedFolder, ...]


def read_library(models_dir: Path, images: ImageWorkers | None = None) -> Library:
    """Read every `<family>/<version>/` below `models_dir`; a folder that does not exist holds none.

    Hidden folders are passed over. `images` decodes what the versions are asked about, workers of their own where it is
    left out. Each refused folder is logged as a warning.
    """
    images = images or ImageWorkers()
    found = [read_folder(folder, images) for folder in _version_folders(models_dir)]
    return Library(
        models=tuple(each for each in found if isinstance(each, ServedModel)),
        refused=tuple(each for each in found if isinstance(each, RefusedFolder)),
    )


def _version_folders(models_dir: Path) -> list[Path]:
    folders = (path for path in models_dir.glob("*/*") if path.is_dir())
    return sorted(path for path in folders if not path.name.startswith(".") and not path.parent.name.startswith("."))


def read_folder(folder: Path, images: ImageWorkers) -> ServedModel | RefusedFolder:
    """What is in `<family>/<version>/`: a version to serve, or the reason why not, which is logged."""
    family, version = folder.parent.name, folder.name
    try:
        export = read_export(folder)
    except UnservableModel as error:
        _log.warning("%s cannot be served: %s", folder, error)
        return RefusedFolder(family, version, folder, str(error))
    return ServedModel(
        family, version, export, InterpreterPool(export.model_file), images, evaluations=_find_evaluations(folder)
    )


def _find_evaluations(folder: Path) -> tuple[Any, ...]:
    """The evaluations of a version; none, and a warning in the log, where the file is of no use."""
    try:
        return read_evaluations(folder)
    except UnusableEvaluation as error:
        _log.warning("%s is served without its evaluation: %s", folder, error)
        return ()
