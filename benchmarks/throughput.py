"""Images per second: the whole path against a bare loop over the same files on the same cores."""

import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import local

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from benchmarks.photographs import make_photographs
from lib.domain.images import ImageLimits
from lib.domain.predictions import ModelVersion
from lib.images.image_workers import ImageWorkers
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import built_in_server
from lib.serving import PredictionService
from lib.settings import ROOT
from lib.store import Store
from lib.workflows.job_registry import Jobs
from lib.workflows.prediction_context import PredictionContext
from lib.workflows.prediction_tasks import PredictionTasks, Upload

_IMAGES = 200
_ROUNDS = 3
_CORES = os.cpu_count() or 1


def measure_throughput() -> tuple[float, float, float]:
    """Median images per second of the bare loop and of the whole path, and the median of their ratio by rounds."""
    files = make_photographs(_IMAGES)
    rounds = [(_images_per_s(_run_bare_loop, files), _images_per_s(_run_whole_path, files)) for _ in range(_ROUNDS)]
    bare = statistics.median(bare for bare, _ in rounds)
    whole = statistics.median(whole for _, whole in rounds)
    return bare, whole, statistics.median(whole / bare for bare, whole in rounds)


def _images_per_s(run: Callable[[list[bytes]], float], files: list[bytes]) -> float:
    return len(files) / run(files)


def _run_bare_loop(files: list[bytes]) -> float:
    mine = local()

    def predict(file: bytes) -> None:
        if not hasattr(mine, "interpreter"):
            mine.interpreter = Interpreter(str(ROOT / "models/imagenet/v1/model.tflite"), num_threads=1)
            mine.interpreter.allocate_tensors()
        picture = Image.open(io.BytesIO(file)).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
        mine.interpreter.set_tensor(mine.interpreter.get_input_details()[0]["index"], np.asarray(picture)[None])
        mine.interpreter.invoke()
        mine.interpreter.get_tensor(mine.interpreter.get_output_details()[0]["index"])

    with ThreadPoolExecutor(_CORES) as threads:
        list(threads.map(predict, files[:8]))
        start = time.perf_counter()
        list(threads.map(predict, files))
        return time.perf_counter() - start


def _run_whole_path(files: list[bytes]) -> float:
    images = ImageWorkers()
    service = PredictionService(ROOT / "models", images=images)
    client = AutomlClient(built_in_server(f"127.0.0.1:{service.start_grpc('127.0.0.1:0')}"))
    (version,) = [each.version for each in client.find_versions("second-look", "local") if each.version.version == "v1"]
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(_CORES) as preparing,
        ThreadPoolExecutor(8) as predicting,
    ):
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}", str(Path(folder) / "images"))
        context = PredictionContext(client, store, Jobs(store), ImageLimits(), preparing, predicting, images)
        _predict(context, version, make_photographs(8))
        start = time.perf_counter()
        _predict(context, version, files)
        duration = time.perf_counter() - start
        store.close()
    client.close()
    service.stop()
    images.close()
    return duration


def _predict(context: PredictionContext, version: ModelVersion, files: list[bytes]) -> None:
    session = context.store.sessions.create("Benchmark", datetime.now(UTC))
    tasks = PredictionTasks(context, session.id, [version])
    tasks.add_uploads([Upload(f"{place}.jpg", file) for place, file in enumerate(files)])
    progress = tasks.job.wait()
    assert (progress.done, progress.failed) == (len(files), 0), progress  # noqa: S101 - a failed run has no speed
