"""A served version: an export under a stable ID, with the runner that predicts with it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.errors import UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.serving.api_errors import invalid_field
from lib.serving.models.export_folders import Export
from lib.serving.models.model_runner import ModelRunner
from lib.serving.models.networks import Network


def _no_fault(_: bytes) -> None:
    """Let every image pass."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One version of a family.

    `images` decodes what callers send; `before_answer` sees it before that, and may raise: the
    fault models use it. `evaluations` are the API's messages, named by their bare ids.
    """

    family: str
    version: str
    export: Export
    runner: ModelRunner
    images: ImageWorkers
    before_answer: Callable[[bytes], None] = _no_fault
    evaluations: tuple[Any, ...] = ()

    @property
    def model_id(self) -> str:
        """The same from start to start, wherever the models folder lies."""
        return "ICN" + _digits(f"model {self.family}/{self.version}")

    @property
    def dataset_id(self) -> str:
        """Id of the family: AutoML groups versions by the dataset that they were trained on."""
        return dataset_id(self.family)

    @property
    def labels(self) -> tuple[str, ...]:
        """What can be recognized, in the order of `scores`."""
        return self.export.labels

    @property
    def multi_label(self) -> bool:
        """True where scores do not compete, so that they need not sum to 1."""
        return self.export.network.multi_label

    def scores(self, image_bytes: bytes) -> NDArray[np.float32]:
        """The score of each label, shape (labels,), as the network gives them.

        Raises Refused for unusable bytes, and where the model fails or is out of service.
        """
        self.before_answer(image_bytes)
        return self.runner.run(read_picture(image_bytes, self.export.network, self.images))


def dataset_id(family: str) -> str:
    """Id of a family, the same from start to start."""
    return "ICN" + _digits(f"dataset {family}")


def _digits(text: str) -> str:
    """19 decimal digits, as many as AutoML's own ids have."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return f"{number % 10**19:019}"


_FIELD = "payload.image.image_bytes"


def read_picture(content: bytes, network: Network, images: ImageWorkers) -> NDArray[np.uint8]:
    """The picture stretched to the network's size: raw RGB of shape (1, height, width, 3).

    It is decoded as the app decodes what people upload, but no EXIF orientation is applied: AutoML leaves that to its
    clients. Raises Refused, naming the field, for what cannot be used.
    """
    try:
        return images.read_pixels(content, network.width_px, network.height_px)[np.newaxis]
    except UnusableImage as error:
        raise invalid_field(_FIELD, str(error)) from error
