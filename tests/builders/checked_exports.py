"""Exports whose model files were checked, each distinct file once in a test session: a check starts a process."""

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lib.images.image_workers import ImageWorkers
from lib.serving.models import export_folders, library
from lib.serving.models.export_folders import Export
from lib.serving.models.library import Library, RefusedFolder, check_folder
from lib.serving.models.model_workers import ModelWorkers
from lib.serving.models.served_models import ServedModel
from lib.serving.service import CHECKED_FILE, PredictionService

_FOLDER = tempfile.TemporaryDirectory(prefix="checked-")
_RECORD = Path(_FOLDER.name) / "checked.json"
WORKERS = ModelWorkers(_RECORD)
atexit.register(WORKERS.close)
IMAGES = ImageWorkers()


def read_export(folder: Path) -> Export:
    """The export in a folder."""
    return export_folders.read_export(folder, WORKERS.check)


def read_library(models_dir: Path) -> Library:
    """All that lies in a models folder, with nothing left to check."""
    read = library.read_library(models_dir, WORKERS, IMAGES)
    found = [check_folder(folder, WORKERS, IMAGES) for folder in read.unchecked]
    models = [*read.models, *(each for each in found if isinstance(each, ServedModel))]
    refused = [*read.refused, *(each for each in found if isinstance(each, RefusedFolder))]
    return Library(tuple(sorted(models, key=lambda each: (each.family, each.version))), tuple(refused), ())


def make_service(models_dir: Path, **settings: Any) -> PredictionService:
    """The service over a models folder, with nothing left to check."""
    read_library(models_dir)
    if models_dir.is_dir() and _RECORD.exists():
        shutil.copy(_RECORD, models_dir / CHECKED_FILE)
    service = PredictionService(models_dir, images=IMAGES, **settings)
    service.check_models()
    return service
