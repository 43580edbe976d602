"""How one version did on the images of a session, to be set beside the others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VersionTrend:
    """A version, by the name it goes by on the page, in numbers.

    `images` counts its predictions, `labelled` those on images whose truth is known, and `right` those of them that
    name it. `compared` counts the images that the baseline answered too, and `same_as_baseline` those with the same
    label: both None for the baseline itself. The medians are None where the version has no prediction.
    """

    version: str
    images: int
    labelled: int
    right: int
    same_as_baseline: int | None
    compared: int | None
    median_score: float | None
    median_latency_s: float | None
