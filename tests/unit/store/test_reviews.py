"""What reviewers say is kept, word by word, and makes the truth."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lib.domain.annotations import Annotation, AnnotationStatus, GroundTruthRule, QueueItem, Review, ReviewStatus
from lib.domain.matrix import Filter, RowSearch
from lib.domain.sessions import Session
from lib.errors import ReviewDone
from lib.store import Store
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version
from tests.unit.conftest import OpenStore


def add_image(store: Store, session: Session, content: bytes = b"1") -> str:
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def say(sha256: str, reviewer: str, label: str | None, note: str = "") -> Annotation:
    status = AnnotationStatus.UNSURE if label is None else AnnotationStatus.WRONG
    return Annotation(sha256, reviewer, status, label, NOON, note, shown=("v1: cat 0.90",))


def test_every_word_is_kept_in_its_order_with_all_that_belongs_to_it(
    store: Store, session: Session, open_store: OpenStore
) -> None:
    sha256 = add_image(store, session)
    words = [say(sha256, "Ada", "dog", "blurred"), say(sha256, "Grace", None), say(sha256, "Ada", "cat")]
    for word in words:
        store.annotations.add(session.id, word)

    assert open_store().annotations.find(session.id) == words
    assert open_store().annotations.find(session.id, sha256) == words


def test_a_word_makes_the_truth_that_the_matrix_filters_by(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id, outcome=make_prediction(cat=0.9)))

    store.annotations.add(session.id, say(sha256, "Ada", "dog"))

    assert store.annotations.find_true_label(session.id, sha256) == "dog"
    assert store.matrix.find_rows(session.id, RowSearch((make_version(),), frozenset({Filter.WRONG}))).total == 1


def test_another_rule_makes_other_truths_of_the_same_words(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.annotations.add(session.id, say(sha256, "Ada", "dog"))

    store.annotations.set_review(session.id, Review(GroundTruthRule.RESOLVED))
    by_settling = store.annotations.find_true_label(session.id, sha256)
    store.annotations.set_review(session.id, Review(GroundTruthRule.MAJORITY))

    assert (by_settling, store.annotations.find_true_label(session.id, sha256)) == (None, "dog")


def test_a_truth_set_by_hand_is_kept_as_a_word_that_settles(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.annotations.add(session.id, say(sha256, "Ada", "dog"))

    store.annotations.set_true_labels(session.id, [sha256], "owl", "Grace", NOON)

    assert store.annotations.find_true_label(session.id, sha256) == "owl"
    assert [(word.reviewer, word.label, word.resolves) for word in store.annotations.find(session.id)] == [
        ("Ada", "dog", False),
        ("Grace", "owl", True),
    ]


def test_the_way_of_a_review_is_kept(store: Store, session: Session, open_store: OpenStore) -> None:
    review = Review(GroundTruthRule.MAJORITY, True, ReviewStatus.IN_REVIEW, 7, "Look at the ears", "Ada", NOON)

    store.annotations.set_review(session.id, review)

    assert open_store().annotations.get_review(session.id) == review
    assert store.annotations.get_review("other") == Review()


def test_a_signed_off_review_takes_no_word_until_it_is_opened_again(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    done = Review(status=ReviewStatus.DONE, signed_off_by="Ada", signed_off_at=NOON)
    store.annotations.set_review(session.id, done)

    with pytest.raises(ReviewDone, match="signed off"):
        store.annotations.add(session.id, say(sha256, "Ada", "dog"))
    with pytest.raises(ReviewDone):
        store.annotations.set_true_labels(session.id, [sha256], "dog", "Ada", NOON)
    assert store.annotations.find(session.id) == []
    store.annotations.set_review(session.id, replace(done, status=ReviewStatus.IN_REVIEW))
    store.annotations.add(session.id, say(sha256, "Ada", "dog"))
    assert store.annotations.find_true_label(session.id, sha256) == "dog"


def test_counts_say_how_many_images_each_reviewer_has_judged(store: Store, session: Session) -> None:
    first, second = add_image(store, session, b"1"), add_image(store, session, b"2")
    store.annotations.add(session.id, say(first, "Ada", "dog"))
    store.annotations.add(session.id, say(first, "Ada", "cat"))
    store.annotations.add(session.id, say(second, "Ada", "cat"))
    store.annotations.add(session.id, say(first, "Grace", None))
    store.annotations.add(session.id, Annotation(second, "Ada", AnnotationStatus.WITHDRAWN, None, NOON))
    store.annotations.set_true_labels(session.id, [second], "owl", "Mary", NOON)

    assert store.annotations.count_reviewed(session.id) == {"Ada": 1, "Grace": 1}


def test_the_queue_has_what_its_order_depends_on(store: Store, session: Session) -> None:
    differing, alone = add_image(store, session, b"1"), add_image(store, session, b"2")
    store.predictions.add(make_record(differing, session_id=session.id, outcome=make_prediction(cat=0.75, dog=0.25)))
    other = make_record(
        differing, session_id=session.id, version=make_version("v2"), outcome=make_prediction(cat=0.25, dog=0.5)
    )
    store.predictions.add(other)

    assert store.annotations.find_queue(session.id) == [
        QueueItem(differing, differs=True, lowest_margin=0.25, lowest_score=0.5),
        QueueItem(alone, differs=False, lowest_margin=None, lowest_score=None),
    ]


def test_twenty_reviewers_at_once_lose_no_word(store: Store, session: Session) -> None:
    sha256s = [add_image(store, session, b"%d" % place) for place in range(10)]

    def judge_all(who: int) -> None:
        for sha256 in sha256s:
            store.annotations.add(session.id, say(sha256, f"reviewer {who:02}", "cat"))

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(judge_all, range(20)))

    assert len(store.annotations.find(session.id)) == 200
    assert store.annotations.count_reviewed(session.id) == {f"reviewer {who:02}": 10 for who in range(20)}
    assert {store.annotations.find_true_label(session.id, sha256) for sha256 in sha256s} == {"cat"}


def test_a_deleted_session_takes_its_words_with_it(store: Store, session: Session) -> None:
    store.annotations.add(session.id, say(add_image(store, session), "Ada", "dog"))
    store.annotations.set_review(session.id, Review(blind=True))

    store.sessions.delete(session.id)

    assert store.annotations.find(session.id) == []
    assert store.annotations.get_review(session.id) == Review()
