"""The images that a reviewer goes through, in an order that stays while one does."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from lib.domain.annotations import Annotation, QueueItem, QueueOrder, Review, find_latest
from lib.store import Store

_QUEUE = "review-queue"
_NEVER = 2.0  # more than any margin or score: unanswered images come last

_ORDERS: dict[QueueOrder, Callable[[QueueItem], tuple[float, ...]]] = {
    QueueOrder.DISAGREEMENTS: lambda item: (not item.differs, _or_never(item.lowest_margin)),
    QueueOrder.MARGIN: lambda item: (_or_never(item.lowest_margin),),
    QueueOrder.SCORE: lambda item: (_or_never(item.lowest_score),),
    QueueOrder.ADDED: lambda _: (),
}


@dataclass
class Queue:
    """Images by SHA-256 and the place at which the reviewer is; `judged` are those judged here, latest last."""

    key: tuple[object, ...]
    images: list[str]
    place: int = 0
    judged: list[str] = field(default_factory=list)

    @property
    def current(self) -> str | None:
        """The image in front of the reviewer; None at the end."""
        return self.images[self.place] if self.place < len(self.images) else None

    @property
    def following(self) -> str | None:
        """The image after that."""
        return self.images[self.place + 1] if self.place + 1 < len(self.images) else None

    def step(self, by: int) -> None:
        """Go on or back, never beyond the ends."""
        self.place = min(max(0, self.place + by), len(self.images))


def find_queue(store: Store, session_id: str, reviewer: str, order: QueueOrder, *, everything: bool) -> Queue:
    """The reviewer's queue: the one of before, as long as it is asked for in the same way."""
    review = store.annotations.get_review(session_id)
    key = (session_id, reviewer, order, everything, review.blind, review.seed)
    queue = st.session_state.get(_QUEUE)
    if not isinstance(queue, Queue) or queue.key != key:
        queue = Queue(key, _order(store, session_id, reviewer, order, review))
        if not everything:
            done = {sha256 for sha256, who in find_latest(store.annotations.find(session_id)) if who == reviewer}
            queue.images = [sha256 for sha256 in queue.images if sha256 not in done]
        st.session_state[_QUEUE] = queue
    return queue


def forget_queue() -> None:
    """Line the images up anew on the next run."""
    st.session_state.pop(_QUEUE, None)


def _order(store: Store, session_id: str, reviewer: str, order: QueueOrder, review: Review) -> list[str]:
    items = store.annotations.find_queue(session_id)
    if review.blind or order is QueueOrder.RANDOM:
        shuffled = [item.sha256 for item in items]
        random.Random(f"{review.seed} {reviewer}").shuffle(shuffled)  # noqa: S311 - a reviewer's own, the same again
        return shuffled
    return [item.sha256 for item in sorted(items, key=_ORDERS[order])]


def _or_never(value: float | None) -> float:
    return _NEVER if value is None else value


def find_seconds_left(mine: Sequence[Annotation], images: int) -> float | None:
    """How long so many images take at the pace of the last verdicts; None before there is a pace.

    Pauses count for little: the pace is the median time between two verdicts.
    """
    times = [verdict.made_at.timestamp() for verdict in mine[-21:]]
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return gaps[len(gaps) // 2] * images if gaps else None
