"""The queue of images that a reviewer works through: its order, its current image, and the progress."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import humanize
import streamlit as st

from lib.domain.annotations import Annotation, QueueItem, QueueOrder, Review, find_latest
from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.text import escape_markdown

ORDER_KEY = "queue"
EVERYTHING_KEY = "everything"
_QUEUE = "review-queue"
_LAST = 2.0  # above any margin or score, so that images without predictions come last
_PACE_ANNOTATIONS = 21

_ORDERS: dict[QueueOrder, Callable[[QueueItem], tuple[float, ...]]] = {
    QueueOrder.DISAGREEMENTS: lambda item: (not item.differs, _or_last(item.lowest_margin)),
    QueueOrder.MARGIN: lambda item: (_or_last(item.lowest_margin),),
    QueueOrder.SCORE: lambda item: (_or_last(item.lowest_score),),
    QueueOrder.ADDED: lambda _: (),
}


@dataclass
class Queue:
    """Images by SHA-256, and the `position` of the current one. `annotated` are the images annotated here, latest last.

    The order stays the same while the reviewer works; `key` identifies the settings that it was made for.
    """

    key: tuple[object, ...]
    images: list[str]
    position: int = 0
    annotated: list[str] = field(default_factory=list)

    @property
    def current(self) -> str | None:
        """The current image; None at the end."""
        return self.images[self.position] if self.position < len(self.images) else None

    @property
    def following(self) -> str | None:
        """The next image; None at the end."""
        return self.images[self.position + 1] if self.position + 1 < len(self.images) else None

    def step(self, by: int) -> None:
        """Move forward or back, never beyond the ends."""
        self.position = min(max(0, self.position + by), len(self.images))


def choose_order(review: Review) -> tuple[QueueOrder, bool]:
    """Ask for the order, and whether to include images that the reviewer has annotated already."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = QueueOrder.RANDOM
        if not review.blind:
            names = [order.value for order in QueueOrder]
            order = QueueOrder(st.selectbox("Order", names, key=ORDER_KEY, bind="query-params", width=220))
        everything = st.toggle("Include images I reviewed", key=EVERYTHING_KEY, bind="query-params")
    return order, everything


def find_queue(store: Store, session_id: str, reviewer: str, order: QueueOrder, *, everything: bool) -> Queue:
    """Return the reviewer's queue: the present one or, after a change of settings, a new one."""
    review = store.annotations.get_review(session_id)
    key = (session_id, reviewer, order, everything, review.blind, review.seed)
    queue = st.session_state.get(_QUEUE)
    if not isinstance(queue, Queue) or queue.key != key:
        queue = Queue(key, _sort_images(store, session_id, reviewer, order, review))
        if not everything:
            done = {sha256 for sha256, name in find_latest(store.annotations.find(session_id)) if name == reviewer}
            queue.images = [sha256 for sha256 in queue.images if sha256 not in done]
        st.session_state[_QUEUE] = queue
    return queue


def forget_queue() -> None:
    """Make a new queue on the next run."""
    st.session_state.pop(_QUEUE, None)


def _sort_images(store: Store, session_id: str, reviewer: str, order: QueueOrder, review: Review) -> list[str]:
    items = store.annotations.find_queue(session_id)
    if review.blind or order is QueueOrder.RANDOM:
        shuffled = [item.sha256 for item in items]
        # Each reviewer has an order of their own, which is the same after a reload.
        random.Random(f"{review.seed} {reviewer}").shuffle(shuffled)  # noqa: S311
        return shuffled
    return [item.sha256 for item in sorted(items, key=_ORDERS[order])]


def _or_last(value: float | None) -> float:
    return _LAST if value is None else value


def show_review_progress(store: Store, session: Session, queue: Queue, reviewer: str) -> None:
    """Draw how many images the reviewer has done, and the estimated time for the rest."""
    annotations = store.annotations.find(session.id)
    own = [annotation for annotation in annotations if annotation.reviewer == reviewer and not annotation.resolves]
    done = sum(name == reviewer for _, name in find_latest(annotations))
    left_s = estimate_seconds_left(own, len(queue.images) - queue.position)
    left = f", about {humanize.precisedelta(timedelta(seconds=round(left_s)))} left" if left_s else ""
    share = done / session.image_count if session.image_count else 0.0
    st.progress(min(1.0, share), text=escape_markdown(f"{done:,} of {session.image_count:,}{left}"))


def estimate_seconds_left(annotations: Sequence[Annotation], images: int) -> float | None:
    """Estimate the time for the images from the reviewer's annotations; None for fewer than two.

    The pace is the median time between the latest annotations, so that breaks hardly count.
    """
    times = [annotation.made_at.timestamp() for annotation in annotations[-_PACE_ANNOTATIONS:]]
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return gaps[len(gaps) // 2] * images if gaps else None
