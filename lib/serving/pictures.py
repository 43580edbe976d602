"""Image bytes as the picture that a network takes."""

import numpy as np
from numpy.typing import NDArray

from lib.errors import UnusableImage
from lib.images.workers import ImageWorkers
from lib.serving.networks import Network
from lib.serving.refusals import invalid_field

_FIELD = "payload.image.image_bytes"


def read_picture(content: bytes, network: Network, images: ImageWorkers) -> NDArray[np.generic]:
    """The picture stretched to the network's size: shape (1, height, width, 3), raw RGB or floats -1..1.

    It is decoded as the app decodes what people upload, but no EXIF orientation is applied: AutoML leaves that to its
    clients. Raises Refused, naming the field, for what cannot be used.
    """
    try:
        rgb = images.read_pixels(content, network.width_px, network.height_px)[np.newaxis]
    except UnusableImage as error:
        raise invalid_field(_FIELD, str(error)) from error
    if network.quantized_input:
        return rgb
    return (rgb.astype(np.float32) - 127.5) / 127.5
