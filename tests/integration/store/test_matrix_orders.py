"""The matrix against its input: cells, filters, and orders with ties and pages."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain.matrix import Filter, MatrixRow, RowOrder, RowSearch
from lib.domain.pairs import PredictionSummary
from lib.domain.predictions import Failure, Prediction
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version

FIVE = tuple(make_version(f"v{number}") for number in range(1, 6))
NAMES = ("b.jpg", "A.jpg", "a.jpg", "Ä.jpg", "ä.jpg", "c.jpg")
BUSY, NOTHING = Failure("It was busy."), Prediction((), ())

Outcome = Prediction | Failure | None
Said = tuple[Outcome, float]
Given = tuple[str, tuple[Said, ...]]

# All are exact as 32-bit floats: what comes back is what was put in.
SCORES = st.sampled_from([(0.75, 0.25), (0.5, 0.5), (0.25, 0.5), (0.125, 0.75), (0.875,)])
PREDICTION = st.one_of(st.just(NOTHING), SCORES.map(lambda scores: Prediction(("cat", "dog")[: len(scores)], scores)))
LATENCY_S = st.sampled_from([0.125, 0.25, 0.5])


def images_of(outcome: st.SearchStrategy[Outcome]) -> st.SearchStrategy[list[Given]]:
    """Return names with the predictions and latencies of five versions."""
    said = st.tuples(outcome, LATENCY_S)
    return st.lists(st.tuples(st.sampled_from(NAMES), st.tuples(said, said, said, said, said)), min_size=1, max_size=6)


MIXED = images_of(st.one_of(st.none(), st.just(BUSY), PREDICTION))
WITHOUT_FAILURES = images_of(st.one_of(st.none(), PREDICTION))
COLUMNS = st.sampled_from([FIVE, FIVE[1::-1], FIVE[2:3], ()])


def make_matrix(store: Store, images: Sequence[Given]) -> Session:
    session = store.sessions.create("Matrix", NOON)
    for place, (name, said) in enumerate(images):
        prepared = make_prepared_image(f"{session.id} {place}".encode(), name)
        store.images.add(session.id, prepared, NOON)
        for version, (outcome, latency_s) in zip(FIVE, said, strict=False):
            if outcome is not None:
                record = make_record(prepared.image.sha256, session_id=session.id, version=version, outcome=outcome)
                store.predictions.add(replace(record, latency_s=latency_s))
    return session


def make_row(store: Store, said: Sequence[Outcome], truth: str | None) -> Session:
    """A session of one image."""
    session = make_matrix(store, [("a.jpg", tuple((outcome, 0.125) for outcome in said))])
    (image,) = store.images.find(session.id)
    store.annotations.set_true_labels(session.id, [image.sha256], make_true_label(truth), "Ada", NOON)
    return session


def find_signs(store: Store, session: Session, threshold: float = 0.0) -> set[Filter]:
    """Return the filters that match the only row of the session."""
    columns = FIVE[:3]
    return {
        sign
        for sign in Filter
        if store.matrix.find_rows(session.id, RowSearch(columns, frozenset({sign}), threshold=threshold)).total == 1
    }


def find_pages(store: Store, session: Session, search: RowSearch, limit: int) -> list[MatrixRow]:
    pages = (store.matrix.find_rows(session.id, search, offset, limit) for offset in range(0, 6, limit))
    return list(chain.from_iterable(page.rows for page in pages))


def answer_of(said: Said) -> PredictionSummary | Failure | None:
    outcome, latency_s = said
    if not isinstance(outcome, Prediction):
        return outcome
    best = max(outcome.values, default=0.0)
    # Of equal scores the first label in the alphabet is the top one.
    return PredictionSummary(outcome.labels[outcome.values.index(best)] if outcome.values else None, best, latency_s)


def predictions_of(said: Sequence[Said]) -> list[Prediction]:
    return [outcome for outcome, _ in said if isinstance(outcome, Prediction)]


def margin_of(said: Sequence[Said]) -> float:
    best = (sorted([0.0, 0.0, *prediction.values])[-2:] for prediction in predictions_of(said))
    return min((first - second for second, first in best), default=9.0)


def change_of(said: Sequence[Said]) -> float:
    answers = [answer for answer in map(answer_of, said) if isinstance(answer, PredictionSummary)]
    scores = [answer.score for answer in answers]
    names_one_label = len({answer.label for answer in answers}) == 1
    return max(scores, default=-1.0) - (min(scores) if names_one_label else 0.0)


def latency_of(said: Sequence[Said]) -> float:
    return max((latency_s for outcome, latency_s in said if outcome), default=-1.0)


def sort_rows(images: Sequence[Given], order: RowOrder, columns: int) -> list[int]:
    """The places of the images in this order, as the words of RowOrder and RowSearch define it."""
    asked = [said[:columns] for _, said in images]
    keys: dict[RowOrder, list[float] | list[str]] = {
        RowOrder.ADDED: [0.0] * len(images),
        RowOrder.NAME: [name.lower() for name, _ in images],
        RowOrder.CHANGE: [-change_of(said) for said in asked],
        RowOrder.MARGIN: [margin_of(said) for said in asked],
        RowOrder.LATENCY: [-latency_of(said) for said in asked],
    }
    return sorted(range(len(images)), key=keys[order].__getitem__)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(MIXED, COLUMNS)
def test_each_row_contains_exactly_the_stored_predictions(
    store: Store, images: list[Given], columns: tuple[object, ...]
) -> None:
    session = make_matrix(store, images)
    versions = tuple(version for version in FIVE if version in columns)

    found = store.matrix.find_rows(session.id, RowSearch(versions))

    assert [row.image.name for row in found.rows] == [name for name, _ in images]
    assert [row.answers for row in found.rows] == [
        tuple(answer_of(said[FIVE.index(version)]) for version in versions) for _, said in images
    ]
    assert found.total == len(images)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(WITHOUT_FAILURES, st.sampled_from(RowOrder), st.sampled_from([1, 2, 5]), st.sampled_from([1, 4]))
def test_pages_contain_each_row_once_in_the_chosen_order(
    store: Store, images: list[Given], order: RowOrder, columns: int, limit: int
) -> None:
    session = make_matrix(store, images)
    added = store.matrix.find_rows(session.id, RowSearch(FIVE)).rows

    found = find_pages(store, session, RowSearch(FIVE[:columns], order=order), limit)

    expected = [added[place].image.sha256 for place in sort_rows(images, order, columns)]
    assert [row.image.sha256 for row in found] == expected


CAT, DOG = make_prediction(cat=0.75, dog=0.25), make_prediction(cat=0.25, dog=0.75)
DISAGREE, FAILED, UNREVIEWED, WRONG, FIX, REGRESSION, _ = Filter


@pytest.mark.parametrize(
    ("said", "truth", "signs"),
    [
        ([CAT, CAT, CAT], "cat", set()),
        ([CAT, CAT, CAT], None, {UNREVIEWED}),
        ([CAT, DOG, CAT], None, {UNREVIEWED, DISAGREE}),
        ([CAT, CAT, CAT], "dog", {WRONG}),
        ([CAT, CAT, DOG], "cat", {DISAGREE, WRONG, REGRESSION}),
        ([CAT, CAT, DOG], "dog", {DISAGREE, WRONG, FIX}),
        # Of the candidates one is right and the other wrong: only the baseline says which way it went.
        ([CAT, DOG, DOG], "cat", {DISAGREE, WRONG, REGRESSION}),
        # Candidates that differ among themselves are no flip where the baseline is not asked.
        ([None, CAT, DOG], "cat", {DISAGREE, WRONG}),
        # A failure is no answer: it neither differs nor is wrong.
        ([CAT, BUSY, CAT], "cat", {FAILED}),
        ([BUSY, CAT, CAT], "cat", {FAILED}),
        ([BUSY, DOG, CAT], "cat", {FAILED, DISAGREE, WRONG}),
        # No label is an answer of its own, and never right.
        ([NOTHING, CAT, CAT], "cat", {DISAGREE, WRONG, FIX}),
        ([CAT, NOTHING, CAT], "cat", {DISAGREE, WRONG, REGRESSION}),
        ([NOTHING, NOTHING, NOTHING], "cat", {WRONG}),
        ([None, None, None], "cat", set()),
    ],
)
def test_a_row_matches_the_filters_that_follow_from_its_predictions(
    store: Store, said: list[Outcome], truth: str | None, signs: set[Filter]
) -> None:
    session = make_row(store, said, truth)

    assert find_signs(store, session) == signs


@pytest.mark.parametrize(
    ("threshold", "signs"),
    [
        # The top scores are 0.75, 0.5 and 0.875, all of the right label.
        (0.0, set()),
        (0.5, set()),
        (0.6, {DISAGREE, WRONG, REGRESSION}),
        (0.8, {DISAGREE, WRONG, FIX}),
        (0.9, {WRONG}),
    ],
)
def test_a_label_below_the_threshold_is_no_label(store: Store, threshold: float, signs: set[Filter]) -> None:
    said = [make_prediction(cat=0.75), make_prediction(cat=0.5), make_prediction(cat=0.875)]
    session = make_row(store, said, "cat")

    assert find_signs(store, session, threshold) == signs


@pytest.mark.parametrize(("below", "total"), [(None, 1), (0.5, 0), (0.51, 1), (1.0, 1)])
def test_a_score_limit_excludes_rows_with_only_higher_top_scores(store: Store, below: float | None, total: int) -> None:
    session = make_row(store, [make_prediction(cat=0.75), make_prediction(cat=0.5, dog=0.25), BUSY], None)

    assert store.matrix.find_rows(session.id, RowSearch(FIVE, below=below)).total == total


@pytest.mark.parametrize("words", ["öl", "ÖL", "Ölkä", "öLKÄNNCHEN", "%", "kännchen 5%"])
def test_label_search_is_case_insensitive(store: Store, words: str) -> None:
    said = Prediction(("Ölkännchen 5%", "dog"), (0.75, 0.25))
    session = make_row(store, [said, None, None], None)

    assert store.matrix.find_rows(session.id, RowSearch(FIVE, label=words)).total == 1


@pytest.mark.parametrize("words", ["_", "\\", "dog", "l%k", "owl"])
def test_label_search_covers_top_and_true_labels_without_wildcards(store: Store, words: str) -> None:
    said = Prediction(("Ölkännchen 5%", "dog"), (0.75, 0.25))
    session = make_row(store, [said, None, None], "cat")

    assert store.matrix.find_rows(session.id, RowSearch(FIVE, label=words)).total == 0
