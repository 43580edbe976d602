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
        self._free: LifoQueue[Interpreter | None] = LifoQueue()
        for _ in range(os.cpu_count() or 1):
            self._free.put(None)

    def run(self, picture: NDArray[np.generic]) -> NDArray[np.generic]:
        """The network's output, shape (labels,), for a picture of shape (1, height, width, 3)."""
        interpreter = self._free.get()
        try:
            interpreter = interpreter or self._make_interpreter()
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
            interpreter.invoke()
            output: NDArray[np.generic] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
            return output.reshape(-1)
        finally:
            self._free.put(interpreter)

    def _make_interpreter(self) -> Interpreter:
        interpreter = Interpreter(str(self._model_file), num_threads=1)
        interpreter.allocate_tensors()
        return interpreter
