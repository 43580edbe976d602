"""A served version: an export with a stable id and the runner of its network."""

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

    `images` decodes the images of requests. `before_answer` receives each image first, and may raise: fault models use
    it. `evaluations` are messages of the API, named by id only.
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
        """The version's id: the same after each start, wherever the models folder is."""
        return "ICN" + _digits(f"model {self.family}/{self.version}")

    @property
    def dataset_id(self) -> str:
        """The family's id: AutoML groups versions by the dataset on which they were trained."""
        return dataset_id(self.family)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of `scores`."""
        return self.export.labels

    @property
    def multi_label(self) -> bool:
        """Whether an image may have several labels, so that scores need not sum to 1."""
        return self.export.network.multi_label

    def scores(self, image_bytes: bytes) -> NDArray[np.float32]:
        """Return the score of each label, shape (labels,).

        Raises ApiError for invalid images, and if the model fails or is out of service.
        """
        self.before_answer(image_bytes)
        return self.runner.run(read_picture(image_bytes, self.export.network, self.images))


def dataset_id(family: str) -> str:
    """Return the id of a family, which is the same after each start."""
    return "ICN" + _digits(f"dataset {family}")


def _digits(text: str) -> str:
    """Return 19 decimal digits, as many as AutoML's ids have."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return f"{number % 10**19:019}"


_FIELD = "payload.image.image_bytes"


def read_picture(content: bytes, network: Network, images: ImageWorkers) -> NDArray[np.uint8]:
    """Return the image stretched to the network's size: raw RGB of shape (1, height, width, 3).

    It is decoded as uploads are, but without EXIF orientation, which AutoML leaves to its clients. Raises ApiError with
    the field's name for an invalid image.
    """
    try:
        return images.read_pixels(content, network.width_px, network.height_px)[np.newaxis]
    except UnusableImage as error:
        raise invalid_field(_FIELD, str(error)) from error
