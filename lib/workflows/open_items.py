"""What a review still leaves open, which its sign-off lists."""

from collections.abc import Iterator
from dataclasses import dataclass

from lib.domain.annotations import find_labels_by_reviewer, find_resolved
from lib.domain.wording import format_count
from lib.stats.agreement import find_label_conflicts
from lib.store import Store


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Images by what is open about them: `unlabeled` disagreements, `conflicts` between reviewers, must-not-regress
    images without a final word, and predictions that failed or are missing.
    """

    unlabeled: int
    conflicts: tuple[str, ...]
    must_not_regress: int
    missing_predictions: int


def find_conflicts(store: Store, session_id: str) -> list[str]:
    """Return the images that reviewers label differently, and whose true label nobody has resolved."""
    annotations = store.annotations.find(session_id)
    resolved = find_resolved(annotations)
    conflicts = find_label_conflicts(find_labels_by_reviewer(annotations))
    return [sha256 for sha256 in conflicts if sha256 not in resolved]


def find_open_items(store: Store, session_id: str) -> OpenItems:
    """Return what is open in the session's review."""
    coverage = store.predictions.find_coverage(session_id)
    items = store.reviews.find_queue(session_id, list(coverage), store.reviews.get(session_id).threshold)
    open_images = {item.sha256 for item in items if not item.is_final}
    conflicts = find_conflicts(store, session_id)
    return OpenItems(
        sum(item.differs for item in items if item.sha256 in open_images.difference(conflicts)),
        tuple(conflicts),
        len(store.images.find_must_not_regress(session_id) & open_images),
        sum(len(items) - counts.predictions for counts in coverage.values()),
    )


def describe_open_items(items: OpenItems) -> Iterator[str]:
    """Describe what is open, one sentence each."""
    if items.unlabeled:
        yield f"{format_count(items.unlabeled, 'disagreement')} without a label"
    if items.conflicts:
        yield f"{format_count(len(items.conflicts), 'conflict')} between reviewers"
    if items.must_not_regress:
        yield f"{format_count(items.must_not_regress, 'must-not-regress image')} without a label"
    if items.missing_predictions:
        yield f"{format_count(items.missing_predictions, 'prediction')} missing or failed"
