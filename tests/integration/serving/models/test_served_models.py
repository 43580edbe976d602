"""Scores and IDs of a served version."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from lib.serving.models.served_models import ServedModel
from lib.settings import ROOT
from tests.builders.checked_exports import read_library
from tests.builders.exports import NetworkPlan, make_export, make_picture

SAMPLES = sorted((ROOT / "samples").glob("*.jpg"))


def make_model(tmp_path: Path, plan: NetworkPlan) -> ServedModel:
    make_export(tmp_path / "family" / "v1", plan)
    return read_library(tmp_path).models[0]


def scores_of_bare_interpreter(photographs: list[Path]) -> list[list[float]]:
    """Return the scores of the photographs computed directly by one LiteRT interpreter."""
    interpreter = Interpreter(str(ROOT / "models/imagenet/v1/model.tflite"), num_threads=1)
    interpreter.allocate_tensors()
    answers = []
    for photograph in photographs:
        picture = Image.open(photograph).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.asarray(picture)[np.newaxis])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0].tolist())
    return answers


# The builder's network on a red picture: logits (1, 0, 0) from uint8 pixels, (1, -1, -1) from floats.
#   softmax:  e / (e + 2) = 2.718282 / 4.718282 = 0.576117, and 1 / 4.718282 = 0.211942
#   floats:   e / (e + 2/e) = 2.718282 / 3.454041 = 0.786986, and 0.367879 / 3.454041 = 0.106507
#   logistic: 1 / (1 + 1/e) = 0.731059, and 1 / (1 + 1) = 0.5
#   uint8 out, in steps of 1/256: 0.576117 is 147.49 -> 147, 0.211942 is 54.26 -> 54, 0.731059 is 187.15 -> 187
@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (NetworkPlan(), [0.576117, 0.211942, 0.211942]),
        (NetworkPlan(quantized_input=False), [0.786986, 0.106507, 0.106507]),
        (NetworkPlan(head="LOGISTIC"), [0.731059, 0.5, 0.5]),
        (NetworkPlan(quantized_output=True), [147 / 256, 54 / 256, 54 / 256]),
        (NetworkPlan(head="LOGISTIC", quantized_output=True), [187 / 256, 0.5, 0.5]),
        (NetworkPlan(width_px=31, height_px=7), [0.576117, 0.211942, 0.211942]),
    ],
)
def test_scores_match_a_calculation_by_hand(tmp_path: Path, plan: NetworkPlan, expected: list[float]) -> None:
    scores = make_model(tmp_path, plan).scores(make_picture("red"))

    assert scores.dtype == np.float32
    assert scores.tolist() == pytest.approx(expected, abs=1e-6)


def test_eight_parallel_calls_match_the_scores_of_one_interpreter() -> None:
    model = read_library(ROOT / "models").models[0]
    photographs = SAMPLES * 8

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda photograph: model.scores(photograph.read_bytes()).tolist(), photographs))

    assert answers == scores_of_bare_interpreter(photographs)


def test_predictions_still_work_after_a_broken_image(tmp_path: Path) -> None:
    model = make_model(tmp_path, NetworkPlan())
    broken = make_picture()[:-30]

    with ThreadPoolExecutor(1) as threads:
        failures = [threads.submit(model.scores, broken).exception() for _ in range(20)]

    assert None not in failures
    assert model.scores(make_picture()).shape == (3,)


def test_ids_have_the_format_of_automl_ids(models: tuple[ServedModel, ...]) -> None:
    ids = [models[0].model_id, models[0].dataset_id]

    assert [bool(re.fullmatch(r"ICN\d{19}", each)) for each in ids] == [True, True]


def test_ids_do_not_depend_on_the_location_of_the_models_folder(tmp_path: Path) -> None:
    make_export(tmp_path / "here" / "family" / "v1")
    make_export(tmp_path / "there" / "family" / "v1")

    here, there = (read_library(tmp_path / place).models[0] for place in ("here", "there"))

    assert (here.model_id, here.dataset_id) == (there.model_id, there.dataset_id)


def test_versions_of_a_family_share_only_its_dataset(tmp_path: Path) -> None:
    make_export(tmp_path / "family" / "v1")
    make_export(tmp_path / "family" / "v2")
    make_export(tmp_path / "other" / "v1")

    first, second, other = read_library(tmp_path).models

    assert first.dataset_id == second.dataset_id != other.dataset_id
    assert len({first.model_id, second.model_id, other.model_id}) == 3
