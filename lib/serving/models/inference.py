"""Computes the built-in service's scores; the app asks for scores through `lib/providers`, which all providers share.

This is the process that runs one model file: `python -m lib.serving.models.inference TERMS FILE`.

TFLite opens files only here, so a file that hangs it, crashes it or exhausts memory harms this process alone. On start,
the process describes the network or the reason why it cannot be served. A call takes a picture as raw RGB of the
network's size and returns the scores as 32-bit floats. Checks and predictions make the same calls.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from lib.errors import UnservableModel
from lib.processes.worker_loop import Handler, run_worker
from lib.processes.worker_process import Json
from lib.serving.models.flatbuffer_metadata import read_normalization
from lib.serving.models.networks import Network

# Operations between the head and the output that do not change the meaning of scores.
_NEUTRAL_OPERATIONS = {"QUANTIZE", "DEQUANTIZE", "RESHAPE", "SQUEEZE"}
_RGB = 3
_MOST_TENSOR_BYTES = 512 << 20

Tensor = Mapping[str, Any]


def start(arguments: list[str]) -> tuple[Handler, Mapping[str, Any]]:
    """Open the model file; return the handler of calls and the description of the network."""
    model_file = Path(arguments[0])
    try:
        runner = _Runner(model_file)
    except UnservableModel as error:
        return _refuse, {"refused": str(error)}
    except MemoryError:
        return _refuse, {"refused": f"{model_file.name} needs too much memory"}
    except (ValueError, RuntimeError) as error:
        return _refuse, {"refused": f"{model_file.name} cannot be read: {str(error) or 'TFLite gives no reason'}"}
    return runner.answer, runner.network.to_json()


def _refuse(_: Json, __: memoryview) -> tuple[Json, bytes]:
    raise RuntimeError("a rejected model was called")


class _Runner:
    """An interpreter and its network."""

    def __init__(self, model_file: Path) -> None:
        self._model_file = model_file
        self._interpreter = Interpreter(str(model_file), num_threads=1)
        image = _only(self._interpreter.get_input_details(), "input")
        scores = _only(self._interpreter.get_output_details(), "output")
        height_px, width_px = _picture_size(image["shape"])
        # The interpreter has no public list of its operations, and hides some once it has prepared them.
        head, self._head_output = _find_head(self._interpreter._get_ops_details(), scores["index"])
        self.network = Network(
            width_px=width_px,
            height_px=height_px,
            label_count=_score_count(scores["shape"]),
            multi_label=head == "LOGISTIC",
            normalization=None if _is_quantized(image) else read_normalization(model_file),
        )
        self._input, self._output = image["index"], scores["index"]
        self._scale, self._zero_point = _read_scale(scores)
        # Before any allocation.
        self.network.check_size()
        for tensor in self._interpreter.get_tensor_details():
            _check_tensor_size(tensor)
        self._interpreter.allocate_tensors()

    def answer(self, request: Json, payload: memoryview) -> tuple[Json, bytes]:
        """Return the scores for one picture; in a check, the unrounded values if they are not all finite."""
        network = self.network
        picture = np.frombuffer(payload, np.uint8).reshape(1, network.height_px, network.width_px, _RGB)
        pixels = self._normalize(picture)
        if request.get("check") and self._scale:
            unrounded = self._find_unrounded(pixels)
            if not np.isfinite(unrounded).all():
                return {}, unrounded.astype(np.float32).tobytes()
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        output = self._interpreter.get_tensor(self._output).reshape(-1)
        scores = output.astype(np.float32, copy=False)
        if self._scale:
            scores = (scores - self._zero_point) * np.float32(self._scale)
        return {}, scores.tobytes()

    def _find_unrounded(self, pixels: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return the head's output before quantization; empty if the head itself is quantized."""
        details = {int(tensor["index"]): tensor for tensor in self._interpreter.get_tensor_details()}
        if np.dtype(details[self._head_output]["dtype"]) != np.float32:
            return np.empty(0, np.float32)
        # A second interpreter: the default one does not keep intermediate tensors.
        interpreter = Interpreter(
            str(self._model_file),
            num_threads=1,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            experimental_preserve_all_tensors=True,
        )
        interpreter.allocate_tensors()
        interpreter.set_tensor(self._input, pixels)
        interpreter.invoke()
        unrounded: NDArray[np.generic] = interpreter.get_tensor(self._head_output)
        return unrounded

    def _normalize(self, picture: NDArray[np.uint8]) -> NDArray[np.generic]:
        normalization = self.network.normalization
        if normalization is None:
            return picture
        mean, deviation = (np.array(values, np.float32) for values in (normalization.mean, normalization.deviation))
        return (picture - mean) / deviation


def _only(tensors: list[Tensor], what: str) -> Tensor:
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


def _is_quantized(tensor: Tensor) -> bool:
    kind = np.dtype(tensor["dtype"]).name
    if kind not in {"uint8", "float32"}:
        raise UnservableModel(f"tensor {tensor['name']!r} has type {kind}; only uint8 and float32 are supported")
    return bool(kind == "uint8")


def _read_scale(scores: Tensor) -> tuple[float, int]:
    """Return scale and zero point: a quantized output q is the score (q - zero point) * scale. 0: not quantized."""
    if not _is_quantized(scores):
        return 0.0, 0
    scale, zero_point = scores["quantization"]
    if not (math.isfinite(scale) and scale > 0):
        raise UnservableModel(f"an output of uint8 with scale {scale}, so it holds no scores")
    return float(scale), int(zero_point)


def _check_tensor_size(tensor: Tensor) -> None:
    """Raise UnservableModel if one tensor is too large. Unknown dimensions count as 1: memory is limited, too."""
    size_bytes = math.prod(max(1, int(dimension)) for dimension in tensor["shape"]) * np.dtype(tensor["dtype"]).itemsize
    if size_bytes > _MOST_TENSOR_BYTES:
        raise UnservableModel(
            f"a tensor of {size_bytes / (1 << 20):,.0f} MB; the most is {_MOST_TENSOR_BYTES >> 20} MB of memory"
        )


def _find_head(operations: list[Mapping[str, Any]], output: int) -> tuple[str, int]:
    """Return the operation that computes the scores, SOFTMAX or LOGISTIC, and the index of its output tensor."""
    producers = {int(tensor): operation for operation in operations for tensor in operation["outputs"]}
    # Each producer is removed once visited: a graph with a cycle would otherwise never end.
    tensor = int(output)
    operation = producers.pop(tensor, None)
    while operation is not None and operation["op_name"] in _NEUTRAL_OPERATIONS and len(operation["inputs"]):
        tensor = int(operation["inputs"][0])
        operation = producers.pop(tensor, None)
    name: str = "nothing" if operation is None else operation["op_name"]
    if name not in {"SOFTMAX", "LOGISTIC"}:
        raise UnservableModel(f"the output comes from {name}, not from SOFTMAX or LOGISTIC, so it holds no scores")
    return name, tensor


if __name__ == "__main__":
    run_worker(start)
