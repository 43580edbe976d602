"""Input and output of a network, as its worker process found them. Metadata files are not trusted."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from lib.errors import UnservableModel

MAX_SIDE_PX = 2048
MOST_PICTURE_BYTES = MAX_SIDE_PX * MAX_SIDE_PX * 3
_MOST_REASON_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Normalization:
    """The conversion of pixels 0..255 to floats: (pixel - mean) / deviation, for red, green and blue.

    `from_metadata` is False if the file has no metadata, so that -1 to 1 is assumed.
    """

    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    deviation: tuple[float, float, float] = (127.5, 127.5, 127.5)
    from_metadata: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """Input and output of an image classifier.

    `normalization` is None if the input is raw pixels 0..255. If `multi_label`, scores need not sum to 1.
    """

    width_px: int
    height_px: int
    label_count: int
    multi_label: bool
    normalization: Normalization | None = None

    @property
    def input_text(self) -> str:
        """The input as text, such as `uint8 224 x 224`."""
        kind = "float32" if self.normalization else "uint8"
        return f"{kind} {self.width_px} x {self.height_px}"

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Return the network that a worker or the record of checks describes.

        Raises UnservableModel with the reason if there is none, or if the description is invalid: a malicious file may
        have taken over its worker.
        """
        if "refused" in found:
            raise UnservableModel(_one_line(found["refused"]))
        try:
            network = cls(
                width_px=int(found["width_px"]),
                height_px=int(found["height_px"]),
                label_count=int(found["label_count"]),
                multi_label=bool(found["multi_label"]),
                normalization=_read_normalization(found["normalization"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise UnservableModel("the model file cannot be read: its description is invalid") from error
        network.check_size()
        return network

    def to_json(self) -> dict[str, Any]:
        """Return the description that `from_json` reads."""
        return asdict(self)

    def check_size(self) -> None:
        """Raise UnservableModel if a picture for this network would be too large or empty."""
        if not (1 <= self.width_px <= MAX_SIDE_PX and 1 <= self.height_px <= MAX_SIDE_PX):
            raise UnservableModel(
                f"an input of {self.width_px} x {self.height_px} pixels; the most is {MAX_SIDE_PX} x {MAX_SIDE_PX}"
            )
        if not 1 <= self.label_count <= MOST_PICTURE_BYTES // 4:
            raise UnservableModel(f"an output of {self.label_count} scores")


def _read_normalization(found: Mapping[str, Any] | None) -> Normalization | None:
    if found is None:
        return None
    mean, deviation = (_read_channels(found[name]) for name in ("mean", "deviation"))
    if 0.0 in deviation:
        raise ValueError("a deviation of 0")
    return Normalization(mean, deviation, bool(found["from_metadata"]))


def _read_channels(values: Any) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    if not all(map(math.isfinite, (red, green, blue))):
        raise ValueError("not a number")
    return red, green, blue


def _one_line(text: object) -> str:
    """Return untrusted text on one line, without unprintable characters, and not too long for a page or a log."""
    printable = "".join(character if character.isprintable() else " " for character in str(text))
    return printable[:_MOST_REASON_CHARACTERS]
