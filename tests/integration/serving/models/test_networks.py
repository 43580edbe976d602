"""What a worker reads from a servable model file, and how it rejects others."""

import json
from pathlib import Path

import pytest

from lib.errors import UnservableModel
from lib.serving.models.model_workers import SHIPPED_FILE
from lib.serving.models.networks import Network, Normalization
from lib.settings import ROOT
from tests.builders.checked_exports import WORKERS
from tests.builders.exports import NetworkPlan, make_network, with_normalization


def make_file(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "model.tflite"
    file.write_bytes(content)
    return file


def find_network(tmp_path: Path, plan: NetworkPlan) -> Network:
    return WORKERS.check(make_file(tmp_path, make_network(plan)))


def test_a_built_in_model_matches_its_readme() -> None:
    # models/README.md: uint8 [1, 240, 240, 3], float32 [1, 1000], softmax
    assert WORKERS.try_out(ROOT / "models/imagenet/v2/model.tflite") == Network(
        width_px=240, height_px=240, label_count=1000, multi_label=False, normalization=None
    )


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_recorded_checks_of_built_in_models_match_a_new_check(version: str) -> None:
    file = ROOT / "models/imagenet" / version / "model.tflite"

    assert WORKERS.find_checked(file) == WORKERS.try_out(file)


def test_only_built_in_models_start_with_a_recorded_check() -> None:
    assert len(json.loads(SHIPPED_FILE.read_text(encoding="utf-8"))) == len(list(ROOT.glob("models/*/*/model.tflite")))


def test_width_and_height_are_not_swapped(tmp_path: Path) -> None:
    network = find_network(tmp_path, NetworkPlan(width_px=31, height_px=7))

    assert (network.width_px, network.height_px) == (31, 7)
    assert network.input_text == "uint8 31 x 7"


def test_float_inputs_range_from_minus_one_to_one_by_default(tmp_path: Path) -> None:
    network = find_network(tmp_path, NetworkPlan(quantized_input=False))

    assert network.input_text == "float32 8 x 8"
    assert network.normalization == Normalization((127.5, 127.5, 127.5), (127.5, 127.5, 127.5), from_metadata=False)


@pytest.mark.parametrize(
    ("mean", "deviation", "expected"),
    [
        ((0.0,), (255.0,), Normalization((0, 0, 0), (255, 255, 255), from_metadata=True)),
        ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), Normalization((1, 2, 3), (4, 5, 6), from_metadata=True)),
    ],
)
def test_the_metadata_sets_the_normalization_of_float_inputs(
    tmp_path: Path, mean: tuple[float, ...], deviation: tuple[float, ...], expected: Normalization
) -> None:
    escape_markdown = make_network(NetworkPlan(quantized_input=False))

    network = WORKERS.check(make_file(tmp_path, with_normalization(escape_markdown, mean, deviation)))

    assert network.normalization == expected


def test_integer_inputs_are_not_normalized(tmp_path: Path) -> None:
    network = WORKERS.check(make_file(tmp_path, with_normalization(make_network(NetworkPlan()), (0.0,), (255.0,))))

    assert network.normalization is None


@pytest.mark.parametrize(
    ("mean", "deviation"),
    [((0.0,), (0.0,)), ((float("nan"),), (1.0,)), ((0.0, 0.0), (1.0, 1.0)), ((), ())],
)
def test_an_invalid_normalization_is_rejected(
    tmp_path: Path, mean: tuple[float, ...], deviation: tuple[float, ...]
) -> None:
    escape_markdown = make_network(NetworkPlan(quantized_input=False))

    with pytest.raises(UnservableModel, match="metadata is broken"):
        WORKERS.check(make_file(tmp_path, with_normalization(escape_markdown, mean, deviation)))


@pytest.mark.parametrize(("head", "multi_label"), [("SOFTMAX", False), ("LOGISTIC", True)])
@pytest.mark.parametrize("quantized_output", [False, True])
def test_a_logistic_output_marks_a_multi_label_model(
    tmp_path: Path, head: str, multi_label: bool, quantized_output: bool
) -> None:
    network = find_network(tmp_path, NetworkPlan(head=head, quantized_output=quantized_output))

    assert network.multi_label is multi_label


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (NetworkPlan(outputs=4), "4 outputs, as object detection models have"),
        (NetworkPlan(channels=1), r"input of shape \[1, 8, 8, 1\] is not one RGB picture"),
        (NetworkPlan(head="RELU"), "comes from RELU, not from SOFTMAX or LOGISTIC"),
        (NetworkPlan(width_px=2049), "an input of 2049 x 8 pixels; the most is 2048 x 2048"),
        (NetworkPlan(width_px=0), "an input of 0 x 8 pixels"),
    ],
)
def test_a_model_that_is_not_an_image_classifier_is_rejected(tmp_path: Path, plan: NetworkPlan, reason: str) -> None:
    with pytest.raises(UnservableModel, match=reason):
        find_network(tmp_path, plan)


def test_the_maximum_input_size_is_accepted(tmp_path: Path) -> None:
    network = find_network(tmp_path, NetworkPlan(width_px=2048, height_px=2048, quantized_input=False))

    assert network.input_text == "float32 2048 x 2048"


@pytest.mark.parametrize("kept_bytes", [0, 3, 100, 400])
def test_a_truncated_file_is_rejected(tmp_path: Path, kept_bytes: int) -> None:
    with pytest.raises(UnservableModel, match=r"model\.tflite cannot be read"):
        WORKERS.check(make_file(tmp_path, make_network(NetworkPlan())[:kept_bytes]))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"width_px": 10**9},
        {"width_px": "wide"},
        {"label_count": -1},
        {"label_count": float("inf")},
        {"normalization": {"mean": [1], "deviation": [1], "from_metadata": False}},
        {"normalization": {"mean": [0, 0, 0], "deviation": [0, 0, 0], "from_metadata": False}},
        {"normalization": {"mean": [0, 0, float("nan")], "deviation": [1, 1, 1], "from_metadata": False}},
    ],
)
def test_the_output_of_a_compromised_worker_is_rejected(said: dict[str, object]) -> None:
    honest = Network(8, 8, 3, multi_label=False).to_json()

    with pytest.raises(UnservableModel):
        Network.from_json({**honest, **said} if said else {})


def test_an_error_reason_is_always_one_short_line() -> None:
    with pytest.raises(UnservableModel) as caught:
        Network.from_json({"refused": "bad\nINFO all is well\x1b[0m" + "x" * 10_000})

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 300
