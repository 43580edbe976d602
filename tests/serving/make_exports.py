"""Tiny exports: a network that looks at the mean colour of a picture, so that its scores can be worked out by hand.

The logits are the means of red, green and blue, each from 0 to 1 for uint8 input and from -1 to 1 for floats, and 0 for
every label after the third.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray
from PIL import Image

COLOURS = ("red", "green", "blue")
_OPERATORS = schema.BuiltinOperator
_TYPES = schema.TensorType


@dataclass(frozen=True)
class NetworkPlan:
    """What a test wants of a network. `head` is SOFTMAX, LOGISTIC or RELU; `outputs` counts its output tensors."""

    width_px: int = 8
    height_px: int = 8
    score_count: int = 3
    quantized_input: bool = True
    quantized_output: bool = False
    head: str = "SOFTMAX"
    outputs: int = 1
    channels: int = 3


def make_picture(colour: str = "red", width_px: int = 20, height_px: int = 10, kind: str = "PNG") -> bytes:
    """A picture of one colour, as a file."""
    file = io.BytesIO()
    Image.new("RGB", (width_px, height_px), colour).save(file, kind, lossless=True)
    return file.getvalue()


def make_export(
    folder: Path, plan: NetworkPlan | None = None, labels: tuple[str, ...] | None = COLOURS, name: str = "model.tflite"
) -> Path:
    """A folder with a network and, unless `labels` is None, its dict.txt."""
    folder.mkdir(parents=True)
    (folder / name).write_bytes(make_network(plan or NetworkPlan()))
    if labels is not None:
        (folder / "dict.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    return folder


def make_network_with_dict(labels: tuple[str, ...]) -> bytes:
    """A network that carries its dict.txt in a zip archive after its own end, as newer exports do."""
    file = io.BytesIO(make_network(NetworkPlan()))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("dict.txt", "\n".join(labels))
    return file.getvalue()


def make_network(plan: NetworkPlan) -> bytes:
    """The .tflite file of a plan."""
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT()]
    model.operatorCodes = []
    graph = _Graph(model)
    graph.build(plan)
    model.subgraphs = [graph.subgraph]
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


class _Graph:
    """One subgraph in the making; tensors are known by their index."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.subgraph = schema.SubGraphT()
        self.subgraph.tensors, self.subgraph.operators = [], []

    def build(self, plan: NetworkPlan) -> None:
        picture = (1, plan.height_px, plan.width_px, plan.channels)
        row = (1, plan.score_count)
        image = self._tensor("image", picture, quantized=plan.quantized_input, scale=1 / 255)
        pixels = self._dequantized(image, picture) if plan.quantized_input else image
        scores = self._head(self._logits(pixels, plan), plan.head, row)
        if plan.quantized_output:
            scores = self._then("QUANTIZE", [scores], self._tensor("scores", row, quantized=True, scale=1 / 256))
        self.subgraph.inputs = [image]
        self.subgraph.outputs = [scores, *(self._head(scores, "RELU", row) for _ in range(plan.outputs - 1))]

    def _logits(self, pixels: int, plan: NetworkPlan) -> int:
        axes = self._constant(np.array([1, 2], np.int32))
        options = schema.ReducerOptionsT()
        means = self._then("MEAN", [pixels, axes], self._tensor("means", (1, plan.channels)), options)
        weights = self._constant(np.eye(plan.score_count, plan.channels, dtype=np.float32))
        options = schema.FullyConnectedOptionsT()
        logits = self._tensor("logits", (1, plan.score_count))
        return self._then("FULLY_CONNECTED", [means, weights, -1], logits, options)

    def _head(self, logits: int, name: str, shape: tuple[int, ...]) -> int:
        options = schema.SoftmaxOptionsT() if name == "SOFTMAX" else None
        if options:
            options.beta = 1.0
        return self._then(name, [logits], self._tensor(name.lower(), shape), options)

    def _dequantized(self, image: int, shape: tuple[int, ...]) -> int:
        return self._then("DEQUANTIZE", [image], self._tensor("pixels", shape))

    def _then(self, name: str, inputs: list[int], output: int, options: Any = None) -> int:
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(_OPERATORS, name)
        code.deprecatedBuiltinCode = code.builtinCode
        self._model.operatorCodes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self._model.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, [output]
        if options:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        self.subgraph.operators.append(operator)
        return output

    def _tensor(self, name: str, shape: tuple[int, ...], *, quantized: bool = False, scale: float = 0.0) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.buffer = name, list(shape), 0
        tensor.type = _TYPES.UINT8 if quantized else _TYPES.FLOAT32
        if quantized:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [0]
        self.subgraph.tensors.append(tensor)
        return len(self.subgraph.tensors) - 1

    def _constant(self, values: NDArray[Any]) -> int:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        index = self._tensor("constant", values.shape)
        tensor = self.subgraph.tensors[index]
        tensor.buffer = len(self._model.buffers) - 1
        tensor.type = _TYPES.INT32 if values.dtype == np.int32 else _TYPES.FLOAT32
        return index
