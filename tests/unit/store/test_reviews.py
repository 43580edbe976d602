"""Annotations are stored in order and determine the true labels."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lib.domain.annotations import Annotation, AnnotationStatus, GroundTruthRule
from lib.domain.matrix import Filter, RowSearch
from lib.domain.pairs import VersionPair
from lib.domain.reviews import QueueItem, Review, ReviewMode, ReviewStatus
from lib.domain.sessions import Session
from lib.errors import ReviewDone
from lib.store import Store
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version
from tests.unit.conftest import OpenStore


def add_image(store: Store, session: Session, content: bytes = b"1") -> str:
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def say(sha256: str, reviewer: str, label: str | None, note: str = "") -> Annotation:
    status = AnnotationStatus.UNSURE if label is None else AnnotationStatus.LABELED
    return Annotation(sha256, reviewer, status, make_true_label(label), NOON, note, shown=("v1: cat 0.90",))


def test_every_annotation_is_stored_in_order_with_all_fields(
    store: Store, session: Session, open_store: OpenStore
) -> None:
    sha256 = add_image(store, session)
    words = [say(sha256, "Ada", "dog", "blurred"), say(sha256, "Grace", None), say(sha256, "Ada", "cat")]
    for word in words:
        store.annotations.add(session.id, word)

    assert open_store().annotations.find(session.id) == words
    assert open_store().annotations.find(session.id, sha256) == words


def test_an_annotation_sets_the_true_label_used_by_filters(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id, outcome=make_prediction(cat=0.9)))

    store.annotations.add(session.id, say(sha256, "Ada", "dog"))

    assert store.annotations.find_true_label(session.id, sha256) == make_true_label("dog")
    assert store.matrix.find_rows(session.id, RowSearch((make_version(),), frozenset({Filter.WRONG}))).total == 1


def test_a_different_rule_changes_the_true_labels(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.annotations.add(session.id, say(sha256, "Ada", "dog"))

    store.reviews.change(session.id, Review(rule=GroundTruthRule.RESOLVED))
    by_settling = store.annotations.find_true_label(session.id, sha256)
    store.reviews.change(session.id, Review(rule=GroundTruthRule.MAJORITY))

    assert (by_settling, store.annotations.find_true_label(session.id, sha256)) == (
        None,
        make_true_label("dog"),
    )


def test_a_true_label_set_by_hand_is_stored_as_a_resolving_annotation(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.annotations.add(session.id, say(sha256, "Ada", "dog"))

    store.annotations.set_true_labels(session.id, [sha256], make_true_label("owl"), "Grace", NOON)

    assert store.annotations.find_true_label(session.id, sha256) == make_true_label("owl")
    assert [(word.reviewer, word.label, word.resolves) for word in store.annotations.find(session.id)] == [
        ("Ada", make_true_label("dog"), False),
        ("Grace", make_true_label("owl"), True),
    ]


def test_the_settings_of_a_review_are_stored(store: Store, session: Session, open_store: OpenStore) -> None:
    review = Review(
        ReviewMode.BLIND,
        GroundTruthRule.MAJORITY,
        ReviewStatus.IN_REVIEW,
        0.5,
        0.02,
        "Look at the ears",
        "Ada",
        NOON,
    )

    store.reviews.change(session.id, review)

    assert open_store().reviews.get(session.id) == review
    assert store.reviews.get("other") == Review()


def test_a_signed_off_review_accepts_no_annotations_until_it_is_reopened(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    done = Review(status=ReviewStatus.DONE, signed_off_by="Ada", signed_off_at=NOON)
    store.reviews.change(session.id, done)

    with pytest.raises(ReviewDone, match="signed off"):
        store.annotations.add(session.id, say(sha256, "Ada", "dog"))
    with pytest.raises(ReviewDone):
        store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON)
    assert store.annotations.find(session.id) == []
    store.reviews.change(session.id, replace(done, status=ReviewStatus.IN_REVIEW))
    store.annotations.add(session.id, say(sha256, "Ada", "dog"))
    assert store.annotations.find_true_label(session.id, sha256) == make_true_label("dog")


def test_counts_have_the_number_of_images_per_reviewer(store: Store, session: Session) -> None:
    first, second = add_image(store, session, b"1"), add_image(store, session, b"2")
    store.annotations.add(session.id, say(first, "Ada", "dog"))
    store.annotations.add(session.id, say(first, "Ada", "cat"))
    store.annotations.add(session.id, say(second, "Ada", "cat"))
    store.annotations.add(session.id, say(first, "Grace", None))
    store.annotations.add(session.id, Annotation(second, "Ada", AnnotationStatus.WITHDRAWN, None, NOON))
    store.annotations.set_true_labels(session.id, [second], make_true_label("owl"), "Mary", NOON)

    assert store.annotations.count_reviewed(session.id) == {"Ada": 1, "Grace": 1}


def test_the_queue_has_the_data_for_its_order(store: Store, session: Session) -> None:
    differing, alone = add_image(store, session, b"1"), add_image(store, session, b"2")
    store.predictions.add(make_record(differing, session_id=session.id, outcome=make_prediction(cat=0.75, dog=0.25)))
    other = make_record(
        differing, session_id=session.id, version=make_version("v2"), outcome=make_prediction(cat=0.25, dog=0.5)
    )
    store.predictions.add(other)

    store.annotations.set_true_labels(session.id, [alone], make_true_label("cat"), "Ada", NOON)

    first, second = store.reviews.find_queue(session.id, [make_version(), make_version("v2")])

    assert first == QueueItem(
        differing, first.place, is_final=False, differs=True, lowest_margin=0.25, lowest_score=0.5
    )
    assert second == QueueItem(alone, second.place, is_final=True, differs=False, lowest_margin=None, lowest_score=None)


def test_images_added_after_a_final_word_are_placed_after_existing_ones(store: Store, session: Session) -> None:
    added = [add_image(store, session, b"1"), add_image(store, session, b"2")]
    store.annotations.add(session.id, say(added[0], "Ada", "dog"))
    added += [add_image(store, session, b"3"), add_image(store, session, b"4")]
    store.annotations.add(session.id, say(added[2], "Ada", None))
    added.append(add_image(store, session, b"5"))

    batches = {item.sha256: item.place.batch for item in store.reviews.find_queue(session.id, [])}

    assert [batches[sha256] for sha256 in added] == [0, 0, 1, 1, 2]


def test_a_pair_has_the_latest_batch_at_its_first_final_word(store: Store, session: Session) -> None:
    versions = VersionPair(session.id, make_version("v1"), make_version("v2"))
    early, late = add_image(store, session, b"1"), add_image(store, session, b"2")
    store.annotations.add(session.id, say(early, "Ada", "dog"))
    later = add_image(store, session, b"3")
    store.annotations.add(session.id, say(late, "Ada", "dog"))
    store.annotations.add(session.id, say(early, "Ada", "cat"))
    for sha256 in (early, late, later):
        for version in (versions.baseline, versions.candidate):
            store.predictions.add(make_record(sha256, session_id=session.id, version=version))

    found = {pair.sha256: pair for pair in store.pairs.find(versions)}

    assert [found[sha256].final_in_batch for sha256 in (early, late, later)] == [0, 1, None]
    assert [found[sha256].is_final for sha256 in (early, late, later)] == [True, True, False]


def test_concurrent_annotations_of_twenty_reviewers_are_all_stored(store: Store, session: Session) -> None:
    sha256s = [add_image(store, session, b"%d" % place) for place in range(10)]

    def judge_all(who: int) -> None:
        for sha256 in sha256s:
            store.annotations.add(session.id, say(sha256, f"reviewer {who:02}", "cat"))

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(judge_all, range(20)))

    assert len(store.annotations.find(session.id)) == 200
    assert store.annotations.count_reviewed(session.id) == {f"reviewer {who:02}": 10 for who in range(20)}
    assert {store.annotations.find_true_label(session.id, sha256) for sha256 in sha256s} == {make_true_label("cat")}


def test_annotations_are_deleted_with_their_session(store: Store, session: Session) -> None:
    store.annotations.add(session.id, say(add_image(store, session), "Ada", "dog"))
    store.reviews.change(session.id, Review(ReviewMode.BLIND))

    store.sessions.delete(session.id)

    assert store.annotations.find(session.id) == []
    assert store.reviews.get(session.id) == Review()
