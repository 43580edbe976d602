"""What goes into a network and what comes out of it, as the interpreter says; metadata files are not believed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from lib.errors import UnservableModel

# Operations that may stand between the head and the output without changing what the scores mean.
_PASSING_ON = {"QUANTIZE", "DEQUANTIZE", "RESHAPE", "SQUEEZE"}
_RGB = 3


@dataclass(frozen=True, slots=True)
class Network:
    """Input and output of an image classifier.

    `quantized_input` is True for raw pixels 0..255, False for floats -1..1. A quantised output value q means a score
    of (q - `output_zero_point`) * `output_scale`; a `output_scale` of 0 says that the output is the score itself.
    `multi_label` is True where each label has a score of its own, so that they need not sum to 1.
    """

    width_px: int
    height_px: int
    quantized_input: bool
    label_count: int
    output_scale: float
    output_zero_point: int
    multi_label: bool

    @property
    def input_text(self) -> str:
        """The input in words, such as `uint8 224 x 224`."""
        kind = "uint8" if self.quantized_input else "float32"
        return f"{kind} {self.width_px} x {self.height_px}"


def open_network(model_file: Path) -> Network:
    """What the network in `model_file` takes and gives. Raises UnservableModel unless it is an image classifier."""
    try:
        # Without the delegate, preparing takes a fraction of a millisecond: nothing is run here.
        interpreter = Interpreter(
            str(model_file), experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise UnservableModel(f"{model_file.name} cannot be read: {error}") from error
    image = _only(interpreter.get_input_details(), "input")
    scores = _only(interpreter.get_output_details(), "output")
    height_px, width_px = _picture_size(image["shape"])
    scale, zero_point = scores["quantization"] if _is_quantized(scores) else (0.0, 0)
    return Network(
        width_px=width_px,
        height_px=height_px,
        quantized_input=_is_quantized(image),
        label_count=_score_count(scores["shape"]),
        output_scale=float(scale),
        output_zero_point=int(zero_point),
        # The interpreter has no public list of its operations.
        multi_label=_head(interpreter._get_ops_details(), scores["index"]) == "LOGISTIC",
    )


def _only(tensors: list[dict[str, Any]], what: str) -> dict[str, Any]:
    if len(tensors) != 1:
        hint = ", as object detection models have" if what == "output" else ""
        raise UnservableModel(f"{len(tensors)} {what}s{hint}; an image classification model has one")
    return tensors[0]


def _picture_size(shape: NDArray[np.int32]) -> tuple[int, int]:
    dimensions = shape.tolist()
    if len(dimensions) != 4 or dimensions[0] != 1 or dimensions[3] != _RGB:
        raise UnservableModel(f"input of shape {dimensions} is not one RGB picture [1, height, width, 3]")
    return dimensions[1], dimensions[2]


def _score_count(shape: NDArray[np.int32]) -> int:
    dimensions = shape.tolist()
    if not dimensions or any(size != 1 for size in dimensions[:-1]):
        raise UnservableModel(f"output of shape {dimensions} is not one row of scores [1, labels]")
    count: int = dimensions[-1]
    return count


def _is_quantized(tensor: dict[str, Any]) -> bool:
    kind = np.dtype(tensor["dtype"]).name
    if kind not in {"uint8", "float32"}:
        raise UnservableModel(f"tensor {tensor['name']!r} has type {kind}; uint8 and float32 are served")
    return bool(kind == "uint8")


def _head(operations: list[dict[str, Any]], output: int) -> str:
    """Name of the operation that makes the scores: SOFTMAX or LOGISTIC."""
    made_by = {int(made): operation for operation in operations for made in operation["outputs"]}
    operation = made_by.get(output)
    while operation is not None and operation["op_name"] in _PASSING_ON:
        operation = made_by.get(int(operation["inputs"][0]))
    name: str = "nothing" if operation is None else operation["op_name"]
    if name not in {"SOFTMAX", "LOGISTIC"}:
        raise UnservableModel(f"the output comes from {name}, not from SOFTMAX or LOGISTIC, so it holds no scores")
    return name
