"""Model files that turn against whatever runs them. Most are as small as the tiny exports that they are made from."""

from collections.abc import Callable

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tests.builders.exports import Graph, NetworkPlan, pack_model

_TYPES = schema.TensorType
_GRAY_AND_MORE = 0.9


def make_crashing() -> bytes:
    """A file of 944 bytes that ends its process with a segmentation fault: an operation has its output nowhere."""

    def spoil(graph: Graph) -> None:
        graph.subgraph.operators[0].outputs = [-1]

    return _make(spoil)


def make_with_loop() -> bytes:
    """A file whose last operation reads what it writes itself, by way of another one."""

    def spoil(graph: Graph) -> None:
        (scores,) = graph.subgraph.outputs
        again = graph.tensor("again", (1, 3))
        graph.then("RESHAPE", [again], again)
        graph.subgraph.outputs = [again]
        graph.subgraph.operators[-2].inputs = [scores]

    return _make(spoil)


def make_with_index_out_of_range() -> bytes:
    """A file with an operation that reads a tensor which is not there."""

    def spoil(graph: Graph) -> None:
        graph.subgraph.operators[-1].inputs = [100_000]

    return _make(spoil)


def make_hanging() -> bytes:
    """A file that computes for ever, whatever the picture."""
    return _make(lambda graph: _add_while(graph, above=-1.0))


def make_hanging_on_bright() -> bytes:
    """A file that passes its check with a gray picture, and computes for ever for a picture of a bright color."""
    return _make(lambda graph: _add_while(graph, above=_GRAY_AND_MORE))


def make_growing() -> bytes:
    """A file that takes twice the memory with each step, without end."""
    return _make(lambda graph: _add_while(graph, above=-1.0, times=2))


def make_dying_on_bright() -> bytes:
    """A file that passes its check with a gray picture, and asks for gigabytes for a picture of a bright color."""
    return _make(lambda graph: _add_while(graph, above=_GRAY_AND_MORE, times=2_000_000))


def make_with_gigabytes() -> bytes:
    """A small file with a tensor of 28 GB."""

    def spoil(graph: Graph) -> None:
        product = graph.constant(np.array([50_000, 50_000], np.int32))
        _before_head(
            graph, lambda logits: graph.then("TILE", [logits, product], graph.tensor("big", (50_000, 150_000)))
        )

    return _make(spoil)


def make_with_hidden_gigabytes() -> bytes:
    """A small file with a tensor whose size of 10 GB only its operation knows."""

    def spoil(graph: Graph) -> None:
        sides = graph.constant(np.array([50_000, 50_000], np.int32))
        one = graph.constant(np.array(1, np.float32))
        _before_head(graph, lambda _: graph.then("FILL", [sides, one], graph.tensor("big", (1,))))

    return _make(spoil)


def make_with_nan_weight(plan: NetworkPlan | None = None) -> bytes:
    """A file with one weight that is not a number."""

    def spoil(graph: Graph) -> None:
        (weights,) = (buffer for buffer in graph.model.buffers if buffer.data is not None and len(buffer.data) == 36)
        values = np.frombuffer(bytes(weights.data), np.float32).copy()
        values[0] = np.nan
        weights.data = np.frombuffer(values.tobytes(), np.uint8)

    return _make(spoil, plan)


def _make(spoil: Callable[[Graph], None], plan: NetworkPlan | None = None) -> bytes:
    graph = Graph()
    graph.build(plan or NetworkPlan())
    spoil(graph)
    return pack_model(graph.model)


def _before_head(graph: Graph, add: Callable[[int], int]) -> None:
    """Add operations between the logits and the head."""
    head = graph.subgraph.operators.pop()
    head.inputs = [add(head.inputs[0])]
    graph.subgraph.operators.append(head)


def _add_while(graph: Graph, *, above: float, times: int = 1) -> None:
    """Go round for as long as the largest logit is above a number; with so many `times` the logits."""
    condition, body = Graph(graph.model), Graph(graph.model)
    options = schema.WhileOptionsT()
    options.condSubgraphIndex, options.bodySubgraphIndex = 1, 2
    _before_head(graph, lambda logits: graph.then("WHILE", [logits], graph.tensor("looped", (1, 3)), options))
    values = condition.tensor("values", (1, 3))
    axes = condition.constant(np.array([0, 1], np.int32))
    largest = condition.then("REDUCE_MAX", [values, axes], condition.tensor("largest", ()), schema.ReducerOptionsT())
    limit = condition.constant(np.array(above, np.float32))
    goes_on = condition.then("GREATER", [largest, limit], condition.tensor("goes on", (), kind=_TYPES.BOOL))
    condition.subgraph.inputs, condition.subgraph.outputs = [values], [goes_on]
    before = body.tensor("before", (1, 3))
    body.subgraph.inputs = body.subgraph.outputs = [before]
    if times > 1:
        more = body.constant(np.array([1, times], np.int32))
        body.subgraph.outputs = [body.then("TILE", [before, more], body.tensor("after", (1, 3 * times)))]
