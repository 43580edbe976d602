"""Which parts of an image a score rests on: where hiding a part lowers it, the version looked there.

Source: Zeiler & Fergus (2014), "Visualizing and Understanding Convolutional Networks", ECCV, section 4.2.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lib.domain.predictions import Prediction


def find_drops(before: Prediction, hidden: Sequence[Prediction | None], label: str) -> NDArray[np.float64]:
    """By how much the label's score falls when each patch is hidden; shape (grid, grid), not a number where unknown.

    `hidden` are the answers with one patch hidden each, row by row from the top left; None for those not there yet.
    Raises ValueError where they make no square.
    """
    grid = round(len(hidden) ** 0.5)
    if grid * grid != len(hidden):
        raise ValueError(f"{len(hidden)} patches make no square")
    known = before.score_of(label) or 0.0
    drops = [np.nan if after is None else known - (after.score_of(label) or 0.0) for after in hidden]
    return np.array(drops, float).reshape(grid, grid)
