"""Seconds and megabytes of the report of 500 images."""

import tempfile
import time
from datetime import UTC, datetime

from benchmarks.big_store import version
from benchmarks.photographs import make_photographs
from lib.domain.images import ImageLimits
from lib.domain.predictions import Prediction, Record
from lib.images.preparation import prepare_image
from lib.store import Store
from lib.workflows.exports.report import write_report
from lib.workflows.exports.rows import Selection
from tests.builders.pairs import make_true_label

_IMAGES = 500
_LABELS = ("cat", "dog", "owl")


def measure_report() -> tuple[float, float]:
    """Seconds to write the file, and its size in MB of a million bytes."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/report.db", f"{folder}/images")
        session = store.sessions.create("Benchmark", datetime.now(UTC))
        versions = {"v1": version(0), "v2": version(1)}
        for place, photograph in enumerate(make_photographs(_IMAGES)):
            prepared = prepare_image(photograph, f"{place}.jpg", ImageLimits())
            store.images.add(session.id, prepared, datetime.now(UTC))
            for number, asked in enumerate(versions.values()):
                wrong = place % (9 + number) == 0
                scores = (0.1, 0.8, 0.1) if wrong else (0.8, 0.1, 0.1)
                answer = Prediction(_LABELS, scores)
                record = Record(prepared.image.sha256, asked, session.id, datetime.now(UTC), 0.1, answer)
                store.predictions.add(record)
            store.annotations.set_true_labels(
                session.id, [prepared.image.sha256], make_true_label("cat"), "", datetime.now(UTC)
            )
        start = time.perf_counter()
        selection = Selection(store.sessions.get(session.id), versions)
        size = sum(len(piece) for piece in write_report(store, selection, datetime.now(UTC), lambda _: None))
        taken = time.perf_counter() - start
        store.close()
    return taken, size / 1e6
