"""Server time of History's matrix on a store with many answers, beside one with few."""

import statistics
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from benchmarks.big_store import make_big_store, session_id, version
from benchmarks.environment import environment
from lib.domain.matrix import Filter, RowOrder
from lib.settings import ROOT
from lib.ui.history.filter_controls import BELOW_KEY, FILTERS_KEY, LABEL_KEY, ORDER_KEY
from lib.ui.version_choice import FAMILY_KEY, VERSIONS_KEY
from lib.web import resources

_VERSIONS = 5
_RUNS = 7
_SEARCHES: dict[str, dict[str, str]] = {
    "no filter": {},
    **{sign.value: {FILTERS_KEY: sign.value} for sign in Filter},
    "top score below 0.35": {BELOW_KEY: "0.35"},
    "label contains 07": {LABEL_KEY: "07"},
    **{f"sorted by {order.value}": {ORDER_KEY: order.value} for order in RowOrder if order is not RowOrder.ADDED},
}


def measure_history() -> dict[str, tuple[float, float]]:
    """By search: median milliseconds of a run of the page with 1,000 records, and with 100,000."""
    few, many = _measure(image_count=200), _measure(image_count=20_000)
    return {search: (few[search], many[search]) for search in _SEARCHES}


def _measure(image_count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, _kept_in(folder):
        make_big_store(Path(folder), image_count=image_count, version_count=_VERSIONS).close()
        st.cache_resource.clear()
        times = {search: _time(parameters) for search, parameters in _SEARCHES.items()}
        resources.store().close()
        resources.prediction_service().stop()
    return times


def _kept_in(folder: str) -> AbstractContextManager[None]:
    return environment(SECOND_LOOK_DATA_DIR=folder, SECOND_LOOK_DATABASE_URL=f"sqlite:///{folder}/big.db")


def _time(parameters: dict[str, str]) -> float:
    app = AppTest.from_file(ROOT / "benchmarks/timed_script.py", default_timeout=60)
    app.query_params.update({"session": session_id(0), "view": "matrix", **parameters})
    app.query_params[FAMILY_KEY] = "birds"
    app.query_params[VERSIONS_KEY] = [f"{version(place).version} (unavailable)" for place in range(_VERSIONS)]
    app.switch_page("../pages/history.py")
    app.run()
    assert not app.exception  # noqa: S101 - a page that fails is fast
    return statistics.median(_timed_run(app) for _ in range(_RUNS))


def _timed_run(app: AppTest) -> float:
    app.run()
    return float(app.session_state["script_ms"])
