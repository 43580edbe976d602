"""Tiny exports: a network that looks at the mean color of a picture, so that its scores can be worked out by hand.

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

COLORS = ("red", "green", "blue")
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


def make_picture(color: str = "red", width_px: int = 20, height_px: int = 10, kind: str = "PNG") -> bytes:
    """A picture of one color, as a file."""
    file = io.BytesIO()
    Image.new("RGB", (width_px, height_px), color).save(file, kind, lossless=True)
    return file.getvalue()


def make_export(
    folder: Path, plan: NetworkPlan | None = None, labels: tuple[str, ...] | None = COLORS, name: str = "model.tflite"
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
    graph = Graph()
    graph.build(plan)
    return pack_model(graph.model)


def pack_model(model: Any) -> bytes:
    """A model as a file."""
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def with_normalization(network: bytes, mean: tuple[float, ...], deviation: tuple[float, ...]) -> bytes:
    """The network with TFLite metadata that says how its floats are made of pixels."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(network))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(_make_metadata(mean, deviation), np.uint8)
    model.buffers.append(buffer)
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers) - 1
    model.metadata = [entry]
    return pack_model(model)


def _make_metadata(mean: tuple[float, ...], deviation: tuple[float, ...]) -> bytes:
    """ModelMetadata with one input that is normalized. Source: metadata_schema.fbs of tflite-support."""
    builder = flatbuffers.Builder()
    numbers = [builder.CreateNumpyVector(np.array(values, np.float32)) for values in (mean, deviation)]
    options = _add_table(builder, dict(enumerate(numbers)))
    builder.StartObject(2)
    builder.PrependUint8Slot(0, 1, 0)  # options_type: NormalizationOptions
    builder.PrependUOffsetTRelativeSlot(1, options, 0)
    unit = builder.EndObject()
    image = _add_table(builder, {4: _add_vector(builder, unit)})
    subgraph = _add_table(builder, {2: _add_vector(builder, image)})
    builder.Finish(_add_table(builder, {3: _add_vector(builder, subgraph)}), b"M001")
    return bytes(builder.Output())


def _add_table(builder: Any, fields: dict[int, int]) -> int:
    builder.StartObject(max(fields) + 1)
    for field, offset in fields.items():
        builder.PrependUOffsetTRelativeSlot(field, offset, 0)
    return int(builder.EndObject())


def _add_vector(builder: Any, item: int) -> int:
    builder.StartVector(4, 1, 4)
    builder.PrependUOffsetTRelative(item)
    return int(builder.EndVector())


def _make_model() -> Any:
    model = schema.ModelT()
    model.version = 3
    model.buffers, model.operatorCodes, model.subgraphs = [schema.BufferT()], [], []
    return model


class Graph:
    """One more subgraph of a model, or the first of a new one, in the making; tensors are known by their index."""

    def __init__(self, model: Any = None) -> None:
        self.model = model or _make_model()
        self.subgraph = schema.SubGraphT()
        self.model.subgraphs.append(self.subgraph)
        self.subgraph.tensors, self.subgraph.operators = [], []

    def build(self, plan: NetworkPlan) -> None:
        """Add the whole network of a plan."""
        picture = (1, plan.height_px, plan.width_px, plan.channels)
        row = (1, plan.score_count)
        image = self.tensor("image", picture, quantized=plan.quantized_input, scale=1 / 255)
        pixels = self._dequantized(image, picture) if plan.quantized_input else image
        scores = self._head(self._logits(pixels, plan), plan.head, row)
        if plan.quantized_output:
            scores = self.then("QUANTIZE", [scores], self.tensor("scores", row, quantized=True, scale=1 / 256))
        self.subgraph.inputs = [image]
        self.subgraph.outputs = [scores, *(self._head(scores, "RELU", row) for _ in range(plan.outputs - 1))]

    def _logits(self, pixels: int, plan: NetworkPlan) -> int:
        axes = self.constant(np.array([1, 2], np.int32))
        options = schema.ReducerOptionsT()
        means = self.then("MEAN", [pixels, axes], self.tensor("means", (1, plan.channels)), options)
        weights = self.constant(np.eye(plan.score_count, plan.channels, dtype=np.float32))
        options = schema.FullyConnectedOptionsT()
        logits = self.tensor("logits", (1, plan.score_count))
        return self.then("FULLY_CONNECTED", [means, weights, -1], logits, options)

    def _head(self, logits: int, name: str, shape: tuple[int, ...]) -> int:
        options = schema.SoftmaxOptionsT() if name == "SOFTMAX" else None
        if options:
            options.beta = 1.0
        return self.then(name, [logits], self.tensor(name.lower(), shape), options)

    def _dequantized(self, image: int, shape: tuple[int, ...]) -> int:
        return self.then("DEQUANTIZE", [image], self.tensor("pixels", shape))

    def then(self, name: str, inputs: list[int], output: int, options: Any = None) -> int:
        """Add an operation, and give its output."""
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(_OPERATORS, name)
        code.deprecatedBuiltinCode = code.builtinCode
        self.model.operatorCodes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.model.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, [output]
        if options:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        self.subgraph.operators.append(operator)
        return output

    def tensor(
        self, name: str, shape: tuple[int, ...], *, quantized: bool = False, scale: float = 0.0, kind: int | None = None
    ) -> int:
        """Add a tensor: of 32-bit floats, of bytes where it is `quantized`, or of another kind; gives its index."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.buffer = name, list(shape), 0
        tensor.type = (_TYPES.UINT8 if quantized else _TYPES.FLOAT32) if kind is None else kind
        if quantized:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [0]
        self.subgraph.tensors.append(tensor)
        return len(self.subgraph.tensors) - 1

    def constant(self, values: NDArray[Any]) -> int:
        """Add a tensor that has its values in the file; gives its index."""
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        index = self.tensor("constant", values.shape)
        tensor = self.subgraph.tensors[index]
        tensor.buffer = len(self.model.buffers) - 1
        tensor.type = _TYPES.INT32 if values.dtype == np.int32 else _TYPES.FLOAT32
        return index
