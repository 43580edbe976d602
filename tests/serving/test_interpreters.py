"""The pool of interpreters."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lib.serving.interpreters import InterpreterPool
from tests.serving.make_exports import NetworkPlan, make_network


def make_pool(tmp_path: Path) -> InterpreterPool:
    file = tmp_path / "model.tflite"
    file.write_bytes(make_network(NetworkPlan()))
    return InterpreterPool(file)


def test_the_output_is_a_row_of_scores_that_sum_to_one(tmp_path: Path) -> None:
    scores = make_pool(tmp_path).run(np.zeros((1, 8, 8, 3), np.uint8))

    # Three equal logits: a third each.
    assert scores.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_an_answer_is_not_changed_by_the_next_call(tmp_path: Path) -> None:
    pool = make_pool(tmp_path)

    before = pool.run(np.zeros((1, 8, 8, 3), np.uint8))
    pool.run(np.full((1, 8, 8, 3), [255, 0, 0], np.uint8))

    assert before.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_a_lone_caller_needs_the_model_file_only_once(tmp_path: Path) -> None:
    pool = make_pool(tmp_path)

    pool.run(np.zeros((1, 8, 8, 3), np.uint8))
    (tmp_path / "model.tflite").unlink()

    assert pool.run(np.zeros((1, 8, 8, 3), np.uint8)).shape == (3,)


def test_failed_runs_do_not_use_the_interpreters_up(tmp_path: Path) -> None:
    pool = make_pool(tmp_path)
    wrong_shape = np.zeros((1, 9, 9, 3), np.uint8)
    more_than_there_are = (os.cpu_count() or 1) + 1

    with ThreadPoolExecutor(1) as threads:
        failures = [threads.submit(pool.run, wrong_shape).exception() for _ in range(more_than_there_are)]

    assert {type(failure) for failure in failures} == {ValueError}
    assert pool.run(np.zeros((1, 8, 8, 3), np.uint8)).shape == (3,)
