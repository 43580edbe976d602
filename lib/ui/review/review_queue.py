"""The queue of images that a reviewer works through: its order, its current image, and the progress."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from lib.domain.annotations import Annotation, find_latest
from lib.domain.reviews import QueueItem, QueueOrder, Review
from lib.domain.sessions import Session
from lib.domain.wording import format_count
from lib.store import Store
from lib.ui.frame import Page
from lib.ui.text import escape_markdown

ORDER_KEY = "queue"
EVERYTHING_KEY = "everything"
_QUEUE = "review-queue"
_LAST = 2.0  # above any margin or score, so that images without predictions come last
_PACE_ANNOTATIONS = 21
_SECOND_DRAW = 30

_ENOUGH = "Enough is labeled for the verdict. More labels narrow the accuracy of each version."

_MEANINGS = {
    QueueOrder.DRAWN: "Random, and the same for everyone. The verdict counts these labels at once.",
    QueueOrder.MARGIN: "To explore. Labels count once the review order reaches them.",
    QueueOrder.SCORE: "To explore. Labels count once the review order reaches them.",
    QueueOrder.ADDED: "To explore. Labels count once the review order reaches them.",
}

_ORDERS: dict[QueueOrder, Callable[[QueueItem], tuple[object, ...]]] = {
    QueueOrder.DRAWN: lambda item: (not item.differs, not item.is_predicted, item.place),
    QueueOrder.MARGIN: lambda item: (_or_last(item.lowest_margin),),
    QueueOrder.SCORE: lambda item: (_or_last(item.lowest_score),),
    QueueOrder.ADDED: lambda _: (),
}


@dataclass(frozen=True, slots=True)
class QueuePart:
    """Images that are reviewed for one reason: `noun` names one of them, `reason` is a sentence."""

    noun: str
    reason: str
    images: frozenset[str]


@dataclass
class Queue:
    """The images of a reviewer by SHA-256, and the `position` of the current one.

    The order stays the same while the reviewer works; `key` identifies the settings that it was made for. `parts` are
    all images of the session by why they are reviewed.
    """

    key: tuple[object, ...]
    reviewer: str
    images: list[str]
    parts: tuple[QueuePart, ...] = ()
    position: int = 0

    @property
    def current(self) -> str | None:
        """The current image; None at the end."""
        return self.images[self.position] if self.position < len(self.images) else None

    @property
    def following(self) -> str | None:
        """The next image; None at the end."""
        return self.images[self.position + 1] if self.position + 1 < len(self.images) else None

    @property
    def part(self) -> QueuePart | None:
        """The part that the current image belongs to; None in other orders, and at the end."""
        return next((part for part in self.parts if self.current in part.images), None)

    def step(self, by: int) -> None:
        """Move forward or back, never beyond the ends."""
        self.position = min(max(0, self.position + by), len(self.images))

    def return_to(self, sha256: str) -> None:
        """Show this image again, which may have been left out as done."""
        if sha256 not in self.images:
            self.images.insert(self.position, sha256)
        self.position = self.images.index(sha256)


@dataclass(frozen=True, slots=True)
class QueueChoice:
    """How to line up images: in which order, and whether with those that the reviewer has annotated already."""

    order: QueueOrder
    everything: bool


def choose_order(review: Review) -> QueueChoice:
    """Ask for the order, and whether to include images that the reviewer has annotated already."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = QueueOrder.DRAWN
        if not review.is_blind:
            names = [order.value for order in QueueOrder]
            order = QueueOrder(st.selectbox("Order", names, key=ORDER_KEY, bind="query-params", width=220))
            st.caption(escape_markdown(_MEANINGS[order]))
        everything = st.toggle("Include images I reviewed", key=EVERYTHING_KEY, bind="query-params")
    return QueueChoice(order, everything)


def find_queue(page: Page, session_id: str, reviewer: str, choice: QueueChoice) -> Queue:
    """Return the reviewer's queue: the present one or, after a change of settings, a new one."""
    store = page.store
    review = store.reviews.get(session_id)
    versions = store.predictions.find_versions(session_id)
    key = (session_id, reviewer, choice, review.mode, review.threshold, review.assignment, tuple(versions))
    queue = st.session_state.get(_QUEUE)
    if not isinstance(queue, Queue) or queue.key != key:
        found = store.reviews.find_queue(session_id, versions, review.threshold)
        assigned = review.assignment.find_images({item.sha256: item.place for item in found}, reviewer)
        items = sorted((item for item in found if item.sha256 in assigned), key=_ORDERS[choice.order])
        parts = split_queue(items) if choice.order is QueueOrder.DRAWN else ()
        queue = Queue(key, reviewer, [item.sha256 for item in items], parts)
        if not choice.everything:
            done = {sha256 for sha256, name in find_latest(store.annotations.find(session_id)) if name == reviewer}
            queue.images = [sha256 for sha256 in queue.images if sha256 not in done]
        st.session_state[_QUEUE] = queue
    return queue


def split_queue(items: Sequence[QueueItem]) -> tuple[QueuePart, ...]:
    """Split a queue in review order: disagreements, a second draw among the other images, and the rest."""
    differing = [item.sha256 for item in items if item.differs]
    others = [item.sha256 for item in items if not item.differs]
    predicted = [item.sha256 for item in items if item.is_predicted and not item.differs]
    second = predicted[:_SECOND_DRAW] if differing else []
    rest = others[len(second) :]
    return (
        QueuePart("disagreement", "Labels of these decide the comparison.", frozenset(differing)),
        QueuePart("agreement", "Drawn at random: how often each version is right needs these.", frozenset(second)),
        QueuePart("other image" if differing else "image", _ENOUGH if differing else "", frozenset(rest)),
    )


def forget_queue() -> None:
    """Make a new queue on the next run."""
    st.session_state.pop(_QUEUE, None)


def _or_last(value: float | None) -> float:
    return _LAST if value is None else value


def show_review_progress(store: Store, session: Session, queue: Queue) -> None:
    """Draw how many images of this part the reviewer has done, and the estimated time for the rest of it."""
    annotations = store.annotations.find(session.id)
    own = [
        annotation for annotation in annotations if annotation.reviewer == queue.reviewer and not annotation.resolves
    ]
    done = {sha256 for sha256, name in find_latest(annotations) if name == queue.reviewer}
    part = queue.part
    if part is None:
        total, count, noun, reason = session.image_count, len(done), "image", ""
    else:
        total, count, noun, reason = len(part.images), len(done & part.images), part.noun, part.reason
    left_s = estimate_seconds_left(own, total - count)
    left = f", about {format_count(max(1, round(left_s / 60)), 'minute')} left" if left_s else ""
    text = f"{count:,} of {format_count(total, noun)}{left}"
    st.progress(min(1.0, count / total if total else 1.0), text=escape_markdown(text))
    if reason:
        st.caption(escape_markdown(reason))


def estimate_seconds_left(annotations: Sequence[Annotation], images: int) -> float | None:
    """Estimate the time for the images from the reviewer's annotations; None for fewer than two.

    The pace is the median time between the latest annotations, so that breaks hardly count.
    """
    times = [annotation.made_at.timestamp() for annotation in annotations[-_PACE_ANNOTATIONS:]]
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return gaps[len(gaps) // 2] * images if gaps else None
