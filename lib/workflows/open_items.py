"""What a review still leaves open, which its sign-off lists."""

from collections.abc import Iterator
from dataclasses import dataclass

from lib.domain.annotations import find_labels_by_reviewer, find_latest
from lib.domain.label_texts import merge_annotations
from lib.domain.wording import format_count
from lib.stats.agreement import find_label_conflicts
from lib.store import Store


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Images by what is open about them: `unlabeled` disagreements, `conflicts` between reviewers, images that are
    otherwise `undecided`, must-not-regress images without a final word, and predictions that failed or are missing.
    """

    unlabeled: int
    conflicts: int
    undecided: int
    must_not_regress: int
    missing_predictions: int


@dataclass(frozen=True, slots=True)
class UndecidedImages:
    """Images with words of reviewers, of which the rule makes no final word: `conflicts` have different labels."""

    images: tuple[str, ...]
    conflicts: tuple[str, ...]


def find_undecided(store: Store, session_id: str) -> UndecidedImages:
    """Return the images that somebody has to decide, in the order in which reviewers first saw them."""
    annotations = merge_annotations(store.annotations.find(session_id), store.reviews.get(session_id).same_labels)
    final = store.annotations.find_final(session_id)
    images = dict.fromkeys(sha256 for sha256, _ in find_latest(annotations) if sha256 not in final)
    differing = set(find_label_conflicts(find_labels_by_reviewer(annotations)))
    return UndecidedImages(tuple(images), tuple(sha256 for sha256 in images if sha256 in differing))


def find_open_items(store: Store, session_id: str) -> OpenItems:
    """Return what is open in the session's review."""
    coverage = store.predictions.find_coverage(session_id)
    items = store.reviews.find_queue(session_id, list(coverage), store.reviews.get(session_id).threshold)
    open_images = {item.sha256 for item in items if not item.is_final}
    undecided = find_undecided(store, session_id)
    return OpenItems(
        sum(item.differs for item in items if item.sha256 in open_images.difference(undecided.images)),
        len(undecided.conflicts),
        len(undecided.images) - len(undecided.conflicts),
        len(store.images.find_must_not_regress(session_id) & open_images),
        sum(len(items) - counts.predictions for counts in coverage.values()),
    )


def describe_open_items(items: OpenItems) -> Iterator[str]:
    """Describe what is open, one sentence each."""
    if items.unlabeled:
        yield f"{format_count(items.unlabeled, 'disagreement')} without a label"
    if items.conflicts:
        yield f"{format_count(items.conflicts, 'conflict')} between reviewers"
    if items.undecided:
        yield f"{format_count(items.undecided, 'image')} with labels but no true label"
    if items.must_not_regress:
        yield f"{format_count(items.must_not_regress, 'must-not-regress image')} without a label"
    if items.missing_predictions:
        yield f"{format_count(items.missing_predictions, 'prediction')} missing or failed"
