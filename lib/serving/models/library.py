"""The versions below a models folder: those that can be served, rejected ones, and those to be checked first."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.errors import UnservableModel, UnusableEvaluation
from lib.images.image_workers import ImageWorkers
from lib.serving.models.evaluation_files import read_evaluations
from lib.serving.models.export_folders import read_export
from lib.serving.models.label_characters import escape_unshowable, find_unshowable
from lib.serving.models.model_workers import ModelWorkers
from lib.serving.models.networks import Network
from lib.serving.models.served_models import ServedModel

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefusedFolder:
    """A folder that cannot be served. `reason` is a sentence without its period."""

    family: str
    version: str
    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Library:
    """The content of a models folder, by family and version. `unchecked` are folders with new model files."""

    models: tuple[ServedModel, ...]
    refused: tuple[RefusedFolder, ...]
    unchecked: tuple[Path, ...]


class _NotChecked(Exception):
    """A model file has not been checked."""


def read_library(models_dir: Path, workers: ModelWorkers, images: ImageWorkers) -> Library:
    """Read every `<family>/<version>/` below `models_dir`, which need not exist.

    Hidden folders are ignored. Each rejected folder is logged as a warning. This opens no model file: files that passed
    the check before are served, and the others are left to `check_folder`. No content of the folder makes this fail.
    `images` decodes the images to predict.
    """
    found = [_read_known(folder, workers, images) for folder in _version_folders(models_dir)]
    return Library(
        models=tuple(item for item in found if isinstance(item, ServedModel)),
        refused=tuple(item for item in found if isinstance(item, RefusedFolder)),
        unchecked=tuple(item for item in found if isinstance(item, Path)),
    )


def check_folder(folder: Path, workers: ModelWorkers, images: ImageWorkers) -> ServedModel | RefusedFolder:
    """Return the version in `<family>/<version>/` after checking its model file, unless it passed before."""
    return _read_folder(folder, workers, images, workers.check)


def _read_known(folder: Path, workers: ModelWorkers, images: ImageWorkers) -> ServedModel | RefusedFolder | Path:
    def find(model_file: Path) -> Network:
        network = workers.find_checked(model_file)
        if network is None:
            raise _NotChecked
        return network

    try:
        return _read_folder(folder, workers, images, find)
    except _NotChecked:
        return folder


def _version_folders(models_dir: Path) -> list[Path]:
    families = (path for path in models_dir.glob("*") if _is_folder(path))
    folders = (path for family in families for path in _list_versions(family))
    return sorted(path for path in folders if not path.name.startswith(".") and not path.parent.name.startswith("."))


def _list_versions(family: Path) -> list[Path]:
    try:
        return [path for path in family.iterdir() if _is_folder(path)]
    except OSError:  # its versions are rejected together, with the reason
        return [family / "*"]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a folder that cannot be read is rejected, with the reason
        return True


def _read_folder(
    folder: Path, workers: ModelWorkers, images: ImageWorkers, open_network: Callable[[Path], Network]
) -> ServedModel | RefusedFolder:
    """Return a version to serve, or log and return the reason why it cannot be served."""
    family, version = folder.parent.name, folder.name
    try:
        _check_name(family + version)
        export = read_export(folder, open_network)
        runner = workers.make_runner(export.model_file, export.network)
    except UnservableModel as error:
        return _refuse(folder, str(error))
    except _NotChecked:
        raise
    except Exception:
        # Whatever is in the models folder, the app must start and serve the other versions.
        _log.exception("%s cannot be served", escape_unshowable(str(folder)))
        return _refuse(folder, "its files are broken; see the log for the cause")
    return ServedModel(family, version, export, runner, images, evaluations=_find_evaluations(folder))


def _check_name(name: str) -> None:
    if find_unshowable(name):
        raise UnservableModel("the name of its folder has characters that cannot be shown: rename the folder")


def _refuse(folder: Path, reason: str) -> RefusedFolder:
    family, version, reason, path = map(escape_unshowable, (folder.parent.name, folder.name, reason, str(folder)))
    _log.warning("%s cannot be served: %s", path, reason)
    return RefusedFolder(family, version, folder, reason)


def _find_evaluations(folder: Path) -> tuple[Any, ...]:
    """Return the evaluations of a version; none, with a warning in the log, if the file is invalid."""
    try:
        return read_evaluations(folder)
    except UnusableEvaluation as error:
        _log.warning("%s is served without its evaluation: %s", folder, error)
    except Exception:  # as for the model: it must not prevent the others from being served
        _log.exception("%s is served without its evaluation.", folder)
    return ()
