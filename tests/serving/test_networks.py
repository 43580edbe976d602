"""What the interpreter says of a network."""

from pathlib import Path

import pytest

from lib.errors import UnservableModel
from lib.serving.networks import Network, open_network
from lib.settings import ROOT
from tests.serving.make_exports import NetworkPlan, make_network


def make_file(tmp_path: Path, plan: NetworkPlan) -> Path:
    file = tmp_path / "model.tflite"
    file.write_bytes(make_network(plan))
    return file


def test_a_built_in_model_is_what_its_readme_says() -> None:
    # models/README.md: uint8 [1, 240, 240, 3], float32 [1, 1000], softmax
    assert open_network(ROOT / "models/imagenet/v2/model.tflite") == Network(
        width_px=240,
        height_px=240,
        quantized_input=True,
        label_count=1000,
        output_scale=0.0,
        output_zero_point=0,
        multi_label=False,
    )


def test_width_and_height_are_not_mixed_up(tmp_path: Path) -> None:
    network = open_network(make_file(tmp_path, NetworkPlan(width_px=31, height_px=7)))

    assert (network.width_px, network.height_px) == (31, 7)
    assert network.input_text == "uint8 31 x 7"


def test_floats_are_taken_too(tmp_path: Path) -> None:
    network = open_network(make_file(tmp_path, NetworkPlan(quantized_input=False)))

    assert network.input_text == "float32 8 x 8"


def test_a_quantized_output_says_how_to_read_it(tmp_path: Path) -> None:
    network = open_network(make_file(tmp_path, NetworkPlan(quantized_output=True)))

    assert (network.output_scale, network.output_zero_point) == (1 / 256, 0)


@pytest.mark.parametrize(("head", "multi_label"), [("SOFTMAX", False), ("LOGISTIC", True)])
@pytest.mark.parametrize("quantized_output", [False, True])
def test_a_logistic_head_means_several_labels_at_once(
    tmp_path: Path, head: str, multi_label: bool, quantized_output: bool
) -> None:
    network = open_network(make_file(tmp_path, NetworkPlan(head=head, quantized_output=quantized_output)))

    assert network.multi_label is multi_label


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (NetworkPlan(outputs=4), "4 outputs, as object detection models have"),
        (NetworkPlan(channels=1), r"input of shape \[1, 8, 8, 1\] is not one RGB picture"),
        (NetworkPlan(head="RELU"), "comes from RELU, not from SOFTMAX or LOGISTIC"),
    ],
)
def test_a_network_that_is_no_image_classifier_is_refused(tmp_path: Path, plan: NetworkPlan, reason: str) -> None:
    file = make_file(tmp_path, plan)

    with pytest.raises(UnservableModel, match=reason):
        open_network(file)


@pytest.mark.parametrize("kept_bytes", [0, 3, 100, 400])
def test_a_truncated_file_is_refused(tmp_path: Path, kept_bytes: int) -> None:
    file = tmp_path / "model.tflite"
    file.write_bytes(make_network(NetworkPlan())[:kept_bytes])

    with pytest.raises(UnservableModel, match=r"model\.tflite cannot be read"):
        open_network(file)
