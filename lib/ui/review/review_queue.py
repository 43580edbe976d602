"""The queue of images that a reviewer works through: its order, its current image, and the progress."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import humanize
import streamlit as st

from lib.domain.annotations import Annotation, find_latest
from lib.domain.reviews import QueueItem, QueueOrder, Review
from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.frame import Page
from lib.ui.text import escape_markdown

ORDER_KEY = "queue"
EVERYTHING_KEY = "everything"
_QUEUE = "review-queue"
_LAST = 2.0  # above any margin or score, so that images without predictions come last
_PACE_ANNOTATIONS = 21

_ORDERS: dict[QueueOrder, Callable[[QueueItem], tuple[object, ...]]] = {
    QueueOrder.DRAWN: lambda item: (not item.differs, item.place),
    QueueOrder.MARGIN: lambda item: (_or_last(item.lowest_margin),),
    QueueOrder.SCORE: lambda item: (_or_last(item.lowest_score),),
    QueueOrder.ADDED: lambda _: (),
}


@dataclass
class Queue:
    """Images by SHA-256, and the `position` of the current one.

    The order stays the same while the reviewer works; `key` identifies the settings that it was made for.
    """

    key: tuple[object, ...]
    images: list[str]
    position: int = 0

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

    def return_to(self, sha256: str) -> None:
        """Show this image again, which may have been left out as done."""
        if sha256 not in self.images:
            self.images.insert(self.position, sha256)
        self.position = self.images.index(sha256)


def choose_order(review: Review) -> tuple[QueueOrder, bool]:
    """Ask for the order, and whether to include images that the reviewer has annotated already."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = QueueOrder.DRAWN
        if not review.is_blind:
            names = [order.value for order in QueueOrder]
            order = QueueOrder(st.selectbox("Order", names, key=ORDER_KEY, bind="query-params", width=220))
        everything = st.toggle("Include images I reviewed", key=EVERYTHING_KEY, bind="query-params")
    return order, everything


def find_queue(page: Page, session_id: str, reviewer: str, order: QueueOrder, *, everything: bool) -> Queue:
    """Return the reviewer's queue: the present one or, after a change of settings, a new one."""
    store = page.store
    review = store.reviews.get(session_id)
    versions = store.predictions.find_versions(session_id)
    key = (session_id, reviewer, order, everything, review.mode, review.threshold, tuple(versions))
    queue = st.session_state.get(_QUEUE)
    if not isinstance(queue, Queue) or queue.key != key:
        items = store.reviews.find_queue(session_id, versions, review.threshold)
        queue = Queue(key, [item.sha256 for item in sorted(items, key=_ORDERS[order])])
        if not everything:
            done = {sha256 for sha256, name in find_latest(store.annotations.find(session_id)) if name == reviewer}
            queue.images = [sha256 for sha256 in queue.images if sha256 not in done]
        st.session_state[_QUEUE] = queue
    return queue


def forget_queue() -> None:
    """Make a new queue on the next run."""
    st.session_state.pop(_QUEUE, None)


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
