"""Model files in worker processes: their predictions, and how crashes and timeouts are handled."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from google.rpc import code_pb2
from numpy.typing import NDArray

from lib.processes.worker_process import Reply
from lib.serving.api_errors import ApiError
from lib.serving.models.model_runner import Limits, ModelRunner, read_scores
from lib.serving.models.model_workers import ModelWorkers
from lib.serving.models.networks import Network
from tests.builders.exports import NetworkPlan, make_network, with_normalization
from tests.builders.hostile_exports import make_dying_on_bright, make_hanging_on_bright, make_with_nan_weight

BLACK = np.zeros((1, 8, 8, 3), np.uint8)
BRIGHT = np.full((1, 8, 8, 3), 255, np.uint8)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[ModelWorkers]:
    workers = ModelWorkers(tmp_path / "checked.json")
    yield workers
    workers.close()


@pytest.fixture
def hasty_workers(tmp_path: Path) -> Iterator[ModelWorkers]:
    workers = ModelWorkers(tmp_path / "hasty.json", Limits(call_s=2))
    yield workers
    workers.close()


def make_runner(workers: ModelWorkers, tmp_path: Path, content: bytes, name: str = "model.tflite") -> ModelRunner:
    file = tmp_path / name
    file.write_bytes(content)
    return workers.make_runner(file, workers.check(file))


def refusal_of(runner: ModelRunner, picture: NDArray[np.uint8]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        runner.run(picture)
    return caught.value


def test_the_output_is_one_row_of_scores_that_sum_to_one(workers: ModelWorkers, tmp_path: Path) -> None:
    scores = make_runner(workers, tmp_path, make_network(NetworkPlan())).run(BLACK)

    # Three equal logits: a third each.
    assert scores.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_a_prediction_is_not_changed_by_the_next_call(workers: ModelWorkers, tmp_path: Path) -> None:
    runner = make_runner(workers, tmp_path, make_network(NetworkPlan()))

    before = runner.run(BLACK)
    runner.run(np.full((1, 8, 8, 3), [255, 0, 0], np.uint8))

    assert before.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_pixels_are_normalized_by_the_metadata(workers: ModelWorkers, tmp_path: Path) -> None:
    plain = make_network(NetworkPlan(quantized_input=False, head="LOGISTIC"))
    runner = make_runner(workers, tmp_path, with_normalization(plain, (0.0, 55.0, 255.0), (255.0, 100.0, 1.0)))

    scores = runner.run(np.full((1, 8, 8, 3), [255, 155, 255], np.uint8))

    # (255 - 0) / 255 = 1, (155 - 55) / 100 = 1, (255 - 255) / 1 = 0; 1 / (1 + 1/e) = 0.731059, 1 / (1 + 1) = 0.5.
    assert scores.tolist() == pytest.approx([0.731059, 0.731059, 0.5], abs=1e-6)


def test_workers_start_on_demand_and_at_most_one_per_core(workers: ModelWorkers, tmp_path: Path) -> None:
    runner = make_runner(workers, tmp_path, make_network(NetworkPlan()))
    before = workers.count()

    runner.run(BLACK)
    after_one = workers.count()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: runner.run(BLACK), range(32)))

    assert (before, after_one) == (0, 1)
    assert workers.count() <= (os.cpu_count() or 1)


def test_all_versions_together_have_at_most_six_workers(workers: ModelWorkers, tmp_path: Path) -> None:
    runners = [make_runner(workers, tmp_path, make_network(NetworkPlan()), f"{number}.tflite") for number in range(8)]

    for runner in runners:
        runner.run(BLACK)

    assert workers.count() == 6


def test_a_worker_crash_is_an_internal_error_and_the_next_call_succeeds(workers: ModelWorkers, tmp_path: Path) -> None:
    runner = make_runner(workers, tmp_path, make_dying_on_bright())

    refused = refusal_of(runner, BRIGHT)

    assert refused.code == code_pb2.INTERNAL
    assert "crashed its process" in str(refused)
    assert runner.run(BLACK).shape == (3,)


def test_a_hanging_worker_times_out_and_the_next_call_succeeds(hasty_workers: ModelWorkers, tmp_path: Path) -> None:
    runner = make_runner(hasty_workers, tmp_path, make_hanging_on_bright())

    refused = refusal_of(runner, BRIGHT)

    assert refused.code == code_pb2.DEADLINE_EXCEEDED
    assert "did not respond within 2 seconds" in str(refused)
    assert runner.run(BLACK).shape == (3,)


def test_three_consecutive_crashes_take_a_version_out_of_service_until_it_is_restored(
    workers: ModelWorkers, tmp_path: Path
) -> None:
    runner = make_runner(workers, tmp_path, make_dying_on_bright())

    for _ in range(3):
        refusal_of(runner, BRIGHT)
    refused = refusal_of(runner, BLACK)
    started = workers.count()
    runner.reset()

    assert refused.code == code_pb2.FAILED_PRECONDITION
    assert "out of service: the model file crashed its process, and it failed 3 times in a row" in str(refused)
    assert started == 0
    assert runner.run(BLACK).shape == (3,)


def test_three_consecutive_timeouts_take_a_version_out_of_service(hasty_workers: ModelWorkers, tmp_path: Path) -> None:
    runner = make_runner(hasty_workers, tmp_path, make_hanging_on_bright())

    for _ in range(3):
        refusal_of(runner, BRIGHT)

    assert runner.fault == "the model did not respond within 2 seconds, and it failed 3 times in a row"


def test_a_successful_call_resets_the_count_of_consecutive_failures(workers: ModelWorkers, tmp_path: Path) -> None:
    runner = make_runner(workers, tmp_path, make_dying_on_bright())

    for picture in (BRIGHT, BRIGHT):
        refusal_of(runner, picture)
    runner.run(BLACK)
    for picture in (BRIGHT, BRIGHT):
        refusal_of(runner, picture)

    assert runner.fault == ""


def test_queued_calls_fail_when_their_version_goes_out_of_service(workers: ModelWorkers, tmp_path: Path) -> None:
    runner = make_runner(workers, tmp_path, make_dying_on_bright())

    with ThreadPoolExecutor(12) as threads:
        codes = list(threads.map(lambda _: refusal_of(runner, BRIGHT).code, range(12)))

    # As many as there are cores may have begun before the third death.
    assert codes.count(code_pb2.INTERNAL) <= 2 + (os.cpu_count() or 1)
    assert codes.count(code_pb2.FAILED_PRECONDITION) == 12 - codes.count(code_pb2.INTERNAL)


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([np.nan, 0.5, 0.5], "a score of nan"),
        ([0.5, np.inf, 0.5], "a score of inf"),
        ([0.5, -np.inf, 0.5], "a score of -inf"),
        ([0.5, -0.01, 0.5], "a score of -0.01"),
        ([0.5, 0.5, 1.01], "a score of 1.01"),
        ([0.5, 0.5], "2 scores for 3 labels"),
        ([], "0 scores for 3 labels"),
    ],
)
def test_invalid_scores_are_a_model_error(scores: list[float], words: str) -> None:
    reply = Reply({}, np.array(scores, np.float32).tobytes())

    with pytest.raises(ApiError, match="The fault is in the model file") as caught:
        read_scores(reply, Network(8, 8, 3, multi_label=False))

    assert words in str(caught.value)
    assert caught.value.code == code_pb2.INTERNAL


def test_rounding_errors_slightly_out_of_range_are_accepted() -> None:
    reply = Reply({}, np.array([1.0000001, -1e-7, 0.5], np.float32).tobytes())

    assert read_scores(reply, Network(8, 8, 3, multi_label=False)).tolist() == [1.0, 0.0, 0.5]


def reply_of(*scores: float) -> Reply:
    return Reply({}, np.array(scores, np.float32).tobytes())


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_single_label_scores_that_do_not_sum_to_one_are_an_error(score: float) -> None:
    network = Network(8, 8, 3, multi_label=False)

    with pytest.raises(ApiError, match=rf"scores that sum to {3 * score:g} and not to 1\..*fault is in the model file"):
        read_scores(reply_of(score, score, score), network)


def test_single_label_scores_may_sum_to_one_within_rounding() -> None:
    # 192 labels: each is rounded up by half of 1/256, so that they sum to 1 + 192 / 512 = 1.375.
    scores = [1 / 192 + 1 / 512] * 192

    assert read_scores(reply_of(*scores), Network(8, 8, 192, multi_label=False)).sum() == pytest.approx(1.375)


def test_multi_label_scores_may_have_any_sum() -> None:
    assert read_scores(reply_of(1, 1, 1), Network(8, 8, 3, multi_label=True)).tolist() == [1, 1, 1]


def test_a_model_with_numerically_unstable_scores_fails_every_prediction(workers: ModelWorkers, tmp_path: Path) -> None:
    file = tmp_path / "model.tflite"
    file.write_bytes(make_with_nan_weight(NetworkPlan(quantized_output=True)))
    runner = workers.make_runner(file, Network(8, 8, 3, multi_label=False))

    assert "The model returned scores that sum to" in str(refusal_of(runner, BRIGHT))
