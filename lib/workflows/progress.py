"""How far a run of predictions is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Answers expected and answers in, `elapsed_s` seconds after the start.

    `total` counts one answer for each image and version; `done` those that are in, failed ones included; `skipped`
    those never asked for because someone stopped the run; `broken` those lost to a defect that the log describes.
    `per_image` is how many versions answer about each image. `finished`: nothing more will come.
    """

    total: int
    done: int
    failed: int
    skipped: int
    broken: int
    per_image: int
    elapsed_s: float
    finished: bool

    @property
    def share(self) -> float:
        """Part of the answers that are in, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0

    @property
    def images_per_s(self) -> float:
        """Images answered by all versions, per second so far; 0 before the first answer."""
        return self.done / max(1, self.per_image) / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until the end at the speed so far; None before the first answer."""
        if not self.done:
            return None
        return (self.total - self.done) * self.elapsed_s / self.done
