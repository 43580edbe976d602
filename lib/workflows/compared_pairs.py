"""The images of a comparison: which labels count for them, and what they look like."""

from collections.abc import Callable, Iterator, Sequence

from lib.domain.label_texts import merge_labels
from lib.domain.pairs import Pair, VersionPair
from lib.images.image_workers import ImageWorkers
from lib.store import Store
from lib.workflows.stored_images import ensure_appearances


def find_described_pairs(
    store: Store,
    version_pair: VersionPair,
    images: ImageWorkers | None = None,
    advance: Callable[[int, int], None] | None = None,
) -> list[Pair]:
    """Return the images that both versions predicted, with their appearances.

    Missing ones are computed by `images`, or by workers for this call only. `advance` is called with the numbers of
    images that are done and of all images.
    """
    pairs = find_pairs(store, version_pair)
    undescribed = [pair.sha256 for pair in pairs if pair.appearance is None]
    if not undescribed:
        return pairs
    ensure_appearances(store, undescribed, images=images or ImageWorkers(1), advance=advance)
    return find_pairs(store, version_pair)


def find_pairs(store: Store, version_pair: VersionPair) -> list[Pair]:
    """Return the images that both versions predicted, with one label for all that the session treats as the same.

    Where nobody annotated an image in the session, the true label of other sessions counts, if these agree. Under
    blind review, and over all sessions, none is taken from elsewhere.
    """
    if version_pair.session_id is None:
        return store.pairs.find(version_pair)
    review = store.reviews.get(version_pair.session_id)
    found = {} if review.is_hidden else store.annotations.find_elsewhere(version_pair.session_id)
    elsewhere = {sha256: next(iter(labels)) for sha256, labels in found.items() if len(labels) == 1}
    return merge_labels(store.pairs.find(version_pair, review.same_labels, elsewhere), review.same_labels)


def find_unknown_labels(
    store: Store, version_pair: VersionPair, names: tuple[str, str], pairs: Sequence[Pair]
) -> Iterator[tuple[str, str]]:
    """Find true labels that a version of the session can never predict."""
    session_id = version_pair.session_id
    if session_id is None:
        return
    same = {label: group[0] for group in store.reviews.get(session_id).same_labels for label in group}
    true_labels = {label for pair in pairs if pair.true_label for label in pair.true_label.labels}
    for name, version in zip(names, (version_pair.baseline, version_pair.candidate), strict=True):
        known = {same.get(label, label) for label in store.annotations.find_known_labels(session_id, version)}
        if not store.predictions.has_truncated(version):
            yield from ((name, label) for label in sorted(true_labels - known))
