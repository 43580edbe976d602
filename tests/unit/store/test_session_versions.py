"""A session shows only its own versions, and reuses predictions of other sessions."""

from datetime import timedelta

import pytest

from lib.domain.matrix import Filter, RowSearch
from lib.domain.pairs import VersionPair
from lib.domain.predictions import Coverage, Failure, ModelVersion
from lib.domain.sessions import Session
from lib.errors import UnknownSession
from lib.store import Store
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version
from tests.unit.conftest import OpenStore

BIRDS = (make_version("v1"), make_version("v2"))
PARTS = (make_version("p1", family="parts"), make_version("p2", family="parts"))


def add_image(store: Store, session: Session, content: bytes = b"pixels") -> str:
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def ask(store: Store, session: Session, sha256: str, *versions: ModelVersion, label: str) -> None:
    """Store a prediction of this label for the image by all versions."""
    for version in versions:
        outcome = make_prediction(**{label: 0.75})
        store.predictions.add(make_record(sha256, session_id=session.id, version=version, outcome=outcome))


@pytest.fixture
def other(store: Store, session: Session) -> Session:
    """A second session with the same image, predicted differently by other versions."""
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session)
    add_image(store, other)
    ask(store, session, sha256, *BIRDS, label="sparrow")
    ask(store, other, sha256, PARTS[0], label="bolt")
    ask(store, other, sha256, PARTS[1], label="nut")
    return other


def test_two_families_that_predicted_one_image_stay_separate(store: Store, session: Session, other: Session) -> None:
    assert store.predictions.find_versions(session.id) == list(BIRDS)
    assert store.predictions.find_versions(other.id) == list(PARTS)
    assert store.predictions.find_coverage(session.id) == dict.fromkeys(BIRDS, Coverage(1, 0))


def test_the_list_counts_and_compares_the_versions_of_each_session(
    store: Store, session: Session, other: Session
) -> None:
    found = {summary.session.id: summary for summary in store.sessions.find()}

    # The birds agree, the parts do not.
    assert (found[session.id].version_count, found[session.id].agreement) == (2, 1.0)
    assert (found[other.id].version_count, found[other.id].agreement) == (2, 0.0)


def test_records_rows_pairs_and_trends_cover_only_versions_of_the_session(
    store: Store, session: Session, other: Session
) -> None:
    everything = (*BIRDS, *PARTS)
    (image,) = store.images.find(session.id)

    records = store.predictions.find([image.sha256], everything, session_id=session.id)
    (row,) = store.matrix.find_rows(session.id, RowSearch(everything)).rows
    trends = store.matrix.find_trends(session.id, {"v1": BIRDS[0], "p1": PARTS[0]}, threshold=0)

    assert [record.version for record in records] == list(BIRDS)
    assert [answer is None for answer in row.answers] == [False, False, True, True]
    assert store.matrix.find_rows(session.id, RowSearch(everything, frozenset({Filter.DISAGREE}))).total == 0
    assert store.matrix.find_rows(session.id, RowSearch(everything, label="bolt")).total == 0
    assert [trend.images for trend in trends] == [1, 0]
    assert store.pairs.find(VersionPair(session.id, *PARTS)) == []
    assert store.pairs.find(VersionPair(session.id, BIRDS[0], PARTS[0])) == []
    assert len(store.pairs.find(VersionPair(other.id, *PARTS))) == 1


def test_labels_probes_and_queues_ignore_versions_of_other_sessions(
    store: Store, session: Session, other: Session
) -> None:
    (item,) = store.reviews.find_queue(session.id, store.predictions.find_versions(session.id))

    assert store.annotations.find_labels(session.id, [*BIRDS, *PARTS]) == ["sparrow"]
    assert store.probes.find_images_predicted_by_all(session.id, [BIRDS[0], PARTS[0]]) == []
    assert [image.name for image in store.probes.find_images_predicted_by_all(session.id, BIRDS)] == ["cat.jpg"]
    assert item.differs is False
    assert store.annotations.find_labels(other.id, PARTS) == ["bolt", "nut"]


def test_over_all_sessions_predictions_of_every_session_count(store: Store, session: Session, other: Session) -> None:
    (pair,) = store.pairs.find(VersionPair(None, BIRDS[0], PARTS[0]))

    assert (pair.baseline.label, pair.candidate.label) == ("sparrow", "bolt")


def test_a_version_added_to_a_session_reuses_stored_predictions(store: Store, session: Session, other: Session) -> None:
    before = store.sessions.find()
    revisions = {summary.session.id: summary.session.revision for summary in before}

    store.predictions.add_versions(session.id, [PARTS[0]], NOON)

    (row,) = store.matrix.find_rows(session.id, RowSearch((BIRDS[0], PARTS[0]), frozenset({Filter.DISAGREE}))).rows
    assert [getattr(answer, "label", None) for answer in row.answers] == ["sparrow", "bolt"]
    assert store.predictions.find_coverage(session.id)[PARTS[0]] == Coverage(1, 0)
    assert store.sessions.get(session.id).revision > revisions[session.id]
    assert store.sessions.get(other.id).revision == revisions[other.id]


def test_a_version_predicts_images_that_are_missing_or_failed_elsewhere(
    store: Store, session: Session, other: Session
) -> None:
    missing, failed = add_image(store, session, b"missing"), add_image(store, session, b"failed")
    add_image(store, other, b"failed")
    store.predictions.add(make_record(failed, session_id=other.id, version=PARTS[0], outcome=Failure("It was busy.")))

    before = [image.sha256 for image in store.predictions.find_unpredicted(session.id, PARTS[0])]
    store.predictions.add_versions(session.id, [PARTS[0]], NOON)
    after = [image.sha256 for image in store.predictions.find_unpredicted(session.id, PARTS[0])]

    assert (before, after) == ([missing, failed], [missing])
    assert [image.sha256 for image in store.predictions.find_failed(session.id, PARTS[0])] == [failed]


def test_a_version_belongs_to_a_session_before_its_first_prediction(store: Store, session: Session) -> None:
    add_image(store, session)

    store.predictions.add_versions(session.id, [BIRDS[0]], NOON)

    (summary,) = store.sessions.find()
    assert store.predictions.find_coverage(session.id) == {BIRDS[0]: Coverage(0, 0)}
    assert summary.version_count == 1


def test_a_new_prediction_appears_in_all_sessions_that_requested_it(
    store: Store, session: Session, other: Session
) -> None:
    (image,) = store.images.find(other.id)
    new = make_version("v3")
    store.predictions.add_versions(other.id, [new], NOON)

    ask(store, session, image.sha256, new, label="wren")

    assert store.predictions.find_coverage(other.id)[new] == Coverage(1, 0)


def test_the_latest_family_comes_first_with_its_versions_in_order_of_first_use(
    store: Store, session: Session, open_store: OpenStore
) -> None:
    sha256 = add_image(store, session)
    ask(store, session, sha256, *BIRDS, label="sparrow")

    store.predictions.add_versions(session.id, PARTS, NOON + timedelta(minutes=1))
    later = open_store().predictions.find_versions(session.id)
    store.predictions.add_versions(session.id, [BIRDS[1]], NOON + timedelta(minutes=2))
    last = open_store().predictions.find_versions(session.id)

    assert later == [*PARTS, *BIRDS]
    assert last == [*BIRDS, *PARTS]


def test_versions_are_numbered_in_the_order_of_their_first_requests(store: Store, session: Session) -> None:
    later = (make_version("v10"), make_version("v9"))

    store.predictions.add_versions(session.id, [BIRDS[1]], NOON)
    store.predictions.add_versions(session.id, [BIRDS[0], *later], NOON + timedelta(hours=1))
    store.predictions.add_versions(session.id, [BIRDS[1]], NOON + timedelta(hours=2))

    # Those that are requested together are numbered in the order of their names.
    assert store.predictions.find_numbers(session.id) == {BIRDS[1]: 0, BIRDS[0]: 1, later[1]: 2, later[0]: 3}


def test_a_deleted_session_accepts_no_versions(store: Store, session: Session) -> None:
    store.sessions.delete(session.id)

    with pytest.raises(UnknownSession):
        store.predictions.add_versions(session.id, BIRDS, NOON)


def test_predictions_of_no_other_session_are_deleted_with_their_session(
    store: Store, session: Session, other: Session
) -> None:
    (image,) = store.images.find(other.id)
    store.predictions.add_versions(other.id, [BIRDS[1]], NOON)
    rows = store.matrix.find_rows(other.id, RowSearch((*BIRDS, *PARTS)))

    store.sessions.delete(session.id)

    kept = store.predictions.find([image.sha256], [*BIRDS, *PARTS])
    assert {(record.version, record.session_id) for record in kept} == {
        (BIRDS[1], other.id),
        (PARTS[0], other.id),
        (PARTS[1], other.id),
    }
    assert store.matrix.find_rows(other.id, RowSearch((*BIRDS, *PARTS))) == rows
