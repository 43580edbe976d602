"""A session as a matrix: every filter and order, against a plain Python implementation."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain.matrix import Filter, MatrixRow, RowOrder, RowSearch
from lib.domain.pairs import PredictionSummary
from lib.domain.predictions import Failure, ModelVersion, Prediction
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version

V1, V2, V3 = (make_version(name) for name in ("v1", "v2", "v3"))
Outcome = Prediction | Failure | None

SCORES = st.sampled_from([(0.9, 0.1), (0.6, 0.4), (0.3, 0.7), (0.25, 0.5), (0.5, 0.5)])
OUTCOME = st.one_of(
    st.none(),
    st.just(Failure("It was busy.")),
    st.just(Prediction((), ())),
    SCORES.map(lambda scores: Prediction(("cat", "dog"), scores)),
)
IMAGES = st.lists(
    st.tuples(OUTCOME, OUTCOME, OUTCOME, st.sampled_from([None, "cat", "dog", "50% owl_"])), min_size=1, max_size=7
)
SEARCHES = st.builds(
    RowSearch,
    versions=st.sampled_from([(V1, V2, V3), (V1, V2), (V2, V1), (V3,), (V1, make_version("never asked")), ()]),
    filters=st.frozensets(st.sampled_from(Filter), max_size=2),
    below=st.sampled_from([None, 0.55, 0.95]),
    label=st.sampled_from(["", "CA", "%", "_"]),
    threshold=st.sampled_from([0.0, 0.55]),
    order=st.sampled_from(RowOrder),
)


def make_matrix(store: Store, images: Sequence[tuple[Outcome, Outcome, Outcome, str | None]]) -> Session:
    session = store.sessions.create("Matrix", NOON)
    for place, (*outcomes, truth) in enumerate(images):
        prepared = make_prepared_image(f"{session.id} {place}".encode(), f"{(place * 3) % 7} {place}.jpg")
        store.images.add(session.id, prepared, NOON)
        for version, outcome in zip((V1, V2, V3), outcomes, strict=True):
            if outcome is not None:
                record = make_record(prepared.image.sha256, session_id=session.id, version=version, outcome=outcome)
                store.predictions.add(record)
        if truth is not None:
            store.annotations.set_true_labels(session.id, [prepared.image.sha256], make_true_label(truth), "Ada", NOON)
        if place % 2:
            store.images.set_must_not_regress(session.id, [prepared.image.sha256], marked=True)
    return session


def outcomes_of(row: MatrixRow, threshold: float) -> list[str | None]:
    """Return the label of each prediction: None for no label."""
    return [answer.label_at(threshold) for answer in row.answers if isinstance(answer, PredictionSummary)]


def has_sign(row: MatrixRow, sign: Filter, threshold: float) -> bool:
    said = outcomes_of(row, threshold)
    baseline = outcomes_of(replace(row, answers=row.answers[:1]), threshold)
    candidates = outcomes_of(replace(row, answers=row.answers[1:]), threshold)
    true_label = None if row.true_label is None else str(row.true_label)
    known = true_label is not None
    return {
        Filter.DISAGREE: len(set(said)) > 1,
        Filter.FAILED: any(isinstance(answer, Failure) for answer in row.answers),
        Filter.UNREVIEWED: not known,
        Filter.WRONG: known and any(label != true_label for label in said),
        Filter.FIX: known and any(label != true_label for label in baseline) and true_label in candidates,
        Filter.REGRESSION: known and true_label in baseline and any(label != true_label for label in candidates),
        Filter.MUST_NOT_REGRESS: row.must_not_regress,
    }[sign]


def is_asked_for(row: MatrixRow, search: RowSearch) -> bool:
    answers = [answer for answer in row.answers if isinstance(answer, PredictionSummary)]
    labels = [answer.label or "" for answer in answers] + ["" if row.true_label is None else str(row.true_label)]
    return (
        all(has_sign(row, sign, search.threshold) for sign in search.filters)
        and (search.below is None or any(answer.score < search.below for answer in answers))
        and (not search.label or any(search.label.lower() in label.lower() for label in labels))
    )


def change_of(row: MatrixRow) -> float:
    answers = [answer for answer in row.answers if isinstance(answer, PredictionSummary)]
    scores = [answer.score for answer in answers]
    if not answers:
        return -1
    same = len({answer.label for answer in answers}) == 1
    return max(scores) - min(scores) if same else max(scores)


@settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(IMAGES, SEARCHES)
def test_the_database_filters_rows_as_defined(
    store: Store, images: list[tuple[Outcome, Outcome, Outcome, str | None]], search: RowSearch
) -> None:
    session = make_matrix(store, images)
    everything = store.matrix.find_rows(session.id, RowSearch(search.versions))

    found = store.matrix.find_rows(session.id, search)

    expected = {row.image.sha256 for row in everything.rows if is_asked_for(row, search)}
    assert {row.image.sha256 for row in found.rows} == expected
    assert found.total == len(expected)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(IMAGES, st.sampled_from([(V1, V2, V3), (V1, V2)]))
def test_the_database_sorts_by_score_change_as_defined(
    store: Store, images: list[tuple[Outcome, Outcome, Outcome, str | None]], versions: tuple[ModelVersion, ...]
) -> None:
    session = make_matrix(store, images)
    added = store.matrix.find_rows(session.id, RowSearch(versions)).rows

    found = store.matrix.find_rows(session.id, RowSearch(versions, order=RowOrder.CHANGE)).rows

    assert found == tuple(sorted(added, key=lambda row: -change_of(row)))


def test_rows_are_sorted_by_time_added_or_by_name(store: Store) -> None:
    session = make_matrix(store, [(None, None, None, None)] * 5)

    added = store.matrix.find_rows(session.id, RowSearch(()))
    named = store.matrix.find_rows(session.id, RowSearch((), order=RowOrder.NAME))

    # Names begin with three times the place, modulo seven.
    assert [row.image.name for row in added.rows] == ["0 0.jpg", "3 1.jpg", "6 2.jpg", "2 3.jpg", "5 4.jpg"]
    assert [row.image.name for row in named.rows] == ["0 0.jpg", "2 3.jpg", "3 1.jpg", "5 4.jpg", "6 2.jpg"]


def test_rows_can_be_sorted_by_lowest_margin_first(store: Store) -> None:
    sure, unsure = make_prediction(cat=0.9, dog=0.1), make_prediction(cat=0.55, dog=0.45)
    session = make_matrix(store, [(sure, sure, None, None), (sure, unsure, None, None), (None, None, None, None)])

    found = store.matrix.find_rows(session.id, RowSearch((V1, V2), order=RowOrder.MARGIN))

    assert [row.image.name for row in found.rows] == ["3 1.jpg", "0 0.jpg", "6 2.jpg"]


@pytest.mark.parametrize("stored", ["Tourn\u00e9", "Tourne\u0301"])
@pytest.mark.parametrize("sought", ["tourn\u00e9", "tourne\u0301"])
def test_label_search_ignores_unicode_normalization(store: Store, stored: str, sought: str) -> None:
    outcome = Prediction((stored, "normal"), (0.75, 0.25))
    session = make_matrix(store, [(outcome, None, None, None), (make_prediction(), None, None, None)])

    assert store.matrix.find_rows(session.id, RowSearch((V1,), label=sought)).total == 1


def test_a_page_has_the_total_number_of_rows(store: Store) -> None:
    session = make_matrix(store, [(make_prediction(), None, None, "dog")] * 7)

    page = store.matrix.find_rows(session.id, RowSearch((V1,), frozenset({Filter.WRONG})), offset=5, limit=3)

    assert (len(page.rows), page.total) == (2, 7)


def test_a_row_has_the_predictions_in_column_order(store: Store) -> None:
    session = make_matrix(store, [(make_prediction(cat=0.75, dog=0.25), Failure("It was busy."), None, "cat")])

    (row,) = store.matrix.find_rows(session.id, RowSearch((V3, V2, V1))).rows

    assert row.answers == (None, Failure("It was busy."), PredictionSummary("cat", 0.75, 0.125))
    assert row.true_label == make_true_label("cat")


def test_predictions_of_another_session_appear_only_after_they_are_requested(store: Store) -> None:
    first = make_matrix(store, [(make_prediction(cat=0.75), None, None, None)])
    (image,) = store.images.find(first.id)
    other = store.sessions.create("Other", NOON)

    store.images.add(other.id, store.images.get_prepared(first.id, image.sha256), NOON)
    store.images.add(other.id, make_prepared_image(b"only here"), NOON)
    before = store.matrix.find_rows(other.id, RowSearch((V1,), below=0.8))
    store.predictions.add_versions(other.id, [V1], NOON)

    assert before.rows == ()
    found = store.matrix.find_rows(other.id, RowSearch((V1,), below=0.8))
    assert [row.image.sha256 for row in found.rows] == [image.sha256]
    assert store.matrix.find_rows(first.id, RowSearch((V1,))).total == 1


@pytest.mark.parametrize("sign", list(Filter))
def test_an_empty_session_has_no_rows(store: Store, session: Session, sign: Filter) -> None:
    found = store.matrix.find_rows(session.id, RowSearch((V1, V2), frozenset({sign})))

    assert (found.rows, found.total) == ((), 0)
