"""LiteRT interpreters, shared by the threads that answer."""

import os
from pathlib import Path
from queue import LifoQueue

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray


class InterpreterPool:
    """At most one interpreter per core for one model file, each made when it is first needed.

    An interpreter must not be used by two threads at a time: a call that finds none free waits for one.
    """

    def __init__(self, model_file: Path) -> None:
        self._model_file = model_file
        # Last in, first out: a lone caller gets the interpreter that exists; None stands for one not made yet.
        self._free: LifoQueue[_Runner | None] = LifoQueue()
        for _ in range(os.cpu_count() or 1):
            self._free.put(None)

    def run(self, picture: NDArray[np.generic]) -> NDArray[np.generic]:
        """The network's output, shape (labels,), for a picture of shape (1, height, width, 3)."""
        runner = self._free.get()
        try:
            runner = runner or _Runner(self._model_file)
            return runner.run(picture)
        finally:
            self._free.put(runner)


class _Runner:
    """An interpreter, with the places of its input and output: asking for them takes longer than using them."""

    def __init__(self, model_file: Path) -> None:
        self._interpreter = Interpreter(str(model_file), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._output: int = self._interpreter.get_output_details()[0]["index"]

    def run(self, picture: NDArray[np.generic]) -> NDArray[np.generic]:
        self._interpreter.set_tensor(self._input, picture)
        self._interpreter.invoke()
        output: NDArray[np.generic] = self._interpreter.get_tensor(self._output)
        return output.reshape(-1)
