"""Twenty people at once, one action a second each: thresholds, filters, comparing and reviewing."""

import itertools
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st

from benchmarks.environment import environment
from benchmarks.photographs import make_photographs
from lib.domain.matrix import Filter
from lib.ui.cards import THRESHOLD_KEY
from lib.ui.comparison_settings import THRESHOLD_KEY as FROM_KEY
from lib.ui.history.filter_controls import FILTERS_KEY, LABEL_KEY
from lib.ui.review.answers import LABEL_KEY as ANSWER_KEY
from lib.ui.review.answers import UNSURE_KEY
from lib.ui.visitor import NAME_KEY
from lib.web import providers, resources
from lib.workflows.prediction_tasks import PredictionTasks, Upload
from tests.builders.pairs import make_true_label
from tests.stand_ins.app_server import AppServer
from tests.stand_ins.visitor import Visitor

_PEOPLE = 20
_IMAGES = 96
_ACTIONS = 30
_EVERY_S = 1.0
_ACTIONS_PER_JOURNEY = 10

Action = Callable[[Visitor], None]


@dataclass(frozen=True, slots=True)
class Crowd:
    """What people met: seconds from each action to its page, actions a second in all, and what went wrong."""

    taken_s: list[float]
    actions_per_s: float
    troubles: list[str]

    @property
    def p95_ms(self) -> float:
        """Milliseconds within which 95 of 100 actions were answered."""
        return statistics.quantiles(self.taken_s, n=20)[-1] * 1000


def measure_people() -> Crowd:
    """The app in a process of its own, with its people in this one."""
    with tempfile.TemporaryDirectory() as folder:
        session_id = _fill(folder)
        with AppServer(Path(folder)) as server:
            return run_crowd(server.url, session_id)


def run_crowd(url: str, session_id: str, actions: int = _ACTIONS) -> Crowd:
    """Let everybody act, a second apart, each in their own moment of the second."""
    together = threading.Barrier(_PEOPLE)
    with ThreadPoolExecutor(_PEOPLE) as people:
        places = range(_PEOPLE)
        walks = list(people.map(lambda place: _walk(url, session_id, place, actions, together), places))
    seconds = max(walk.ended for walk in walks) - min(walk.started for walk in walks)
    taken = [each for walk in walks for each in walk.taken_s]
    return Crowd(taken, len(taken) / seconds, [trouble for walk in walks for trouble in walk.troubles])


@dataclass(frozen=True, slots=True)
class _Walk:
    started: float
    ended: float
    taken_s: list[float]
    troubles: list[str]


def _walk(url: str, session_id: str, place: int, actions: int, together: threading.Barrier) -> _Walk:
    taken, troubles = [], []
    with Visitor(url) as visitor:
        visitor.open(session=session_id)
        visitor.set(NAME_KEY, string_value=f"Reviewer {place}")
        together.wait()
        started = time.perf_counter()
        for number, action in enumerate(itertools.islice(_journeys(session_id, place), actions)):
            due = started + (number + place / _PEOPLE) * _EVERY_S
            time.sleep(max(0.0, due - time.perf_counter()))
            begun = time.perf_counter()
            try:
                action(visitor)
            except LookupError as missing:
                troubles.append(str(missing))
            taken.append(time.perf_counter() - begun)
            troubles += visitor.troubles
        return _Walk(started, time.perf_counter(), taken, troubles)


def _journeys(session_id: str, place: int) -> Iterator[Action]:
    """One page after the other, each person beginning with another."""
    for turn in itertools.count(place):
        page, act = _JOURNEYS[turn % len(_JOURNEYS)]
        yield partial(_open, page=page, session_id=session_id)
        for step in range(_ACTIONS_PER_JOURNEY - 1):
            yield partial(act, step=7 * turn + step)


def _open(visitor: Visitor, page: str, session_id: str) -> None:
    visitor.open(page, session=session_id, view="matrix")


def _move_threshold(visitor: Visitor, step: int, key: str) -> None:
    visitor.set(key, double_array_value=[0.05 + step % 18 * 0.05])


def _filter(visitor: Visitor, step: int) -> None:
    if step % 2:
        visitor.set(FILTERS_KEY, string_array_value=[] if step % 4 == 1 else [Filter.DISAGREE.value])
    else:
        visitor.set(LABEL_KEY, string_value="aeiourst"[step // 2 % 8])


def _annotate(visitor: Visitor, step: int) -> None:
    visitor.click(UNSURE_KEY if step % 5 == 0 else f"{ANSWER_KEY}-1")


_JOURNEYS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("", partial(_move_threshold, key=THRESHOLD_KEY)),
    ("history", _filter),
    ("compare", partial(_move_threshold, key=FROM_KEY)),
    ("review", _annotate),
)


def _fill(folder: str) -> str:
    """A session that two built-in versions answered; every second image has a truth."""
    with environment(SECOND_LOOK_DATA_DIR=folder):
        st.cache_resource.clear()
        store, now = resources.store(), datetime.now(UTC)
        session = store.sessions.create("Benchmark", now)
        versions = providers.versions_of("built-in", "second-look", "us-central1")
        tasks = PredictionTasks(providers.prediction_context("built-in"), session.id, versions)
        tasks.add_uploads([Upload(f"{place}.jpg", file) for place, file in enumerate(make_photographs(_IMAGES))])
        tasks.job.wait()
        images = [image.sha256 for image in store.images.find(session.id, limit=_IMAGES)]
        label = store.annotations.find_labels(session.id, versions)[0]
        store.annotations.set_true_labels(session.id, images[::2], make_true_label(label), "", now)
        store.close()
        resources.prediction_service().stop()
        st.cache_resource.clear()
    return session.id
