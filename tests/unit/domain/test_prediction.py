from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.predictions import Failure, ModelVersion, Prediction, Record, Score

VALUES = st.lists(st.floats(0, 1), max_size=30)


def make_version(*, etag: str = "a", deployed: bool = True) -> ModelVersion:
    name = "projects/p/locations/local/models/ICN1"
    return ModelVersion("built-in", name, "flowers", "v1", etag=etag, deployed=deployed)


def make_record(outcome: Prediction | Failure) -> Record:
    return Record("0" * 64, make_version(), "session", datetime(2026, 11, 23, tzinfo=UTC), 0.02, outcome)


def make_prediction(values: list[float]) -> Prediction:
    return Prediction(tuple(f"label {row}" for row in range(len(values))), tuple(values))


def test_top_scores_are_in_descending_order() -> None:
    prediction = Prediction(("cat", "dog", "fox"), (0.2, 0.7, 0.1))

    assert prediction.best(2) == (Score("dog", 0.7), Score("cat", 0.2))


def test_equal_scores_keep_the_order_of_their_labels() -> None:
    prediction = Prediction(("fox", "cat", "dog"), (0.3, 0.3, 0.3))

    assert [score.label for score in prediction.best(3)] == ["fox", "cat", "dog"]


@given(values=VALUES)
def test_the_top_of_all_scores_is_all_scores_sorted(values: list[float]) -> None:
    best = make_prediction(values).best(len(values))

    assert [score.value for score in best] == sorted(values, reverse=True)


@given(values=VALUES, count=st.integers(0, 40))
def test_the_number_of_top_scores_is_limited(values: list[float], count: int) -> None:
    assert len(make_prediction(values).best(count)) == min(count, len(values))


def test_a_prediction_without_labels_has_no_top_label() -> None:
    assert Prediction((), ()).top is None


def test_an_unpredicted_label_has_no_score() -> None:
    prediction = Prediction(("cat",), (0.9,))

    assert prediction.score_of("cat") == 0.9
    assert prediction.score_of("dog") is None


def test_scores_that_sum_to_more_than_one_are_accepted() -> None:
    assert Prediction(("cat", "indoors"), (0.9, 0.8)).top == Score("cat", 0.9)


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_a_score_outside_0_to_1_is_rejected(value: float) -> None:
    with pytest.raises(ValueError, match=r"score of 'cat' must be in \[0, 1\]"):
        Score("cat", value)


@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_a_prediction_with_a_score_outside_0_to_1_is_rejected(value: float) -> None:
    with pytest.raises(ValueError, match=r"scores must be in \[0, 1\]"):
        Prediction(("cat", "dog"), (0.5, value))


def test_a_prediction_has_a_score_for_each_label() -> None:
    with pytest.raises(ValueError, match="2 labels cannot have 1 scores"):
        Prediction(("cat", "dog"), (0.5,))


def test_the_model_id_is_the_last_part_of_the_model_name() -> None:
    assert make_version().model_id == "ICN1"


def test_deployment_does_not_change_the_identity_of_a_version() -> None:
    assert make_version(deployed=False) == make_version(deployed=True)


def test_a_retrained_model_with_the_same_name_is_another_version() -> None:
    assert make_version(etag="a") != make_version(etag="b")


def test_a_record_knows_whether_it_failed() -> None:
    assert make_record(Failure("Nobody answered: try again.")).failed
    assert not make_record(Prediction(("cat",), (0.9,))).failed
