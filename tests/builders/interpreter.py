"""What LiteRT itself says of an image: the numbers that the whole path has to give."""

import io

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from lib.settings import ROOT


def interpreter_scores(content: bytes, version: str) -> dict[str, float]:
    """Scores of a built-in version for an image's bytes, by label."""
    folder = ROOT / "models/imagenet" / version
    interpreter = Interpreter(str(folder / "model.tflite"))
    interpreter.allocate_tensors()
    (place,) = interpreter.get_input_details()
    _, height, width, _ = place["shape"].tolist()
    picture = Image.open(io.BytesIO(content)).convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    interpreter.set_tensor(place["index"], np.asarray(picture)[None])
    interpreter.invoke()
    scores = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0].tolist()
    return dict(zip((folder / "dict.txt").read_text(encoding="utf-8").splitlines(), scores, strict=True))
