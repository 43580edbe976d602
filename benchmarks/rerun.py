"""Server time of a rerun of the Predict page with 12 cards on which nothing changed."""

import statistics
import tempfile
from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from benchmarks.environment import environment
from benchmarks.photographs import make_photographs
from lib.settings import ROOT
from lib.web import providers, resources
from lib.workflows.prediction_tasks import PredictionTasks, Upload

_CARDS = 12
_RERUNS = 20


def measure_rerun() -> float:
    """Median milliseconds of the script's run."""
    with tempfile.TemporaryDirectory() as folder, environment(SECOND_LOOK_DATA_DIR=folder):
        app = AppTest.from_file(ROOT / "benchmarks/timed_script.py", default_timeout=60)
        app.query_params["session"] = _fill_session()
        app.run()
        runs = [_timed_rerun(app) for _ in range(_RERUNS)]
        resources.store().close()
        resources.prediction_service().stop()
    return statistics.median(runs)


def _fill_session() -> str:
    session = resources.store().sessions.create("Benchmark", datetime.now(UTC))
    versions = providers.versions_of("built-in", "second-look", "us-central1")
    tasks = PredictionTasks(providers.prediction_context("built-in"), session.id, versions)
    tasks.add_uploads([Upload(f"{place}.jpg", file) for place, file in enumerate(make_photographs(_CARDS))])
    tasks.job.wait()
    return session.id


def _timed_rerun(app: AppTest) -> float:
    app.run()
    assert len(app.get("plotly_chart")) == _CARDS  # noqa: S101 - another page has another speed
    return float(app.session_state["script_ms"])
