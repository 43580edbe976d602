"""Image bytes as the picture that a network takes."""

import numpy as np
from numpy.typing import NDArray

from lib.errors import UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.serving.api_errors import invalid_field
from lib.serving.models.networks import Network

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
