"""How often two versions say the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lib.stats.interval import Interval, wilson_interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `images` images, `same` got the same label from both; no label is a label of its own here.

    `kappa` is Cohen's: 1 for always, 0 for as often as by chance; None where both only ever say one and the same.
    """

    images: int
    same: int
    kappa: float | None

    @property
    def share(self) -> float:
        """Share of the images with the same label, 0 to 1; 0 for no images."""
        return self.same / self.images if self.images else 0.0

    @property
    def interval(self) -> Interval:
        """Wilson's interval of the share."""
        return wilson_interval(self.same, self.images)


def agree(first: Sequence[str | None], second: Sequence[str | None]) -> Agreement:
    """How well two rows of labels agree, image by image. Raises ValueError where they differ in length.

    Source of kappa: Cohen (1960), Educ. Psychol. Meas. 20:37.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} labels cannot be set beside {len(second)}")
    images = len(first)
    same = sum(one == other for one, other in zip(first, second, strict=True))
    of_first, of_second = Counter(first), Counter(second)
    # Counted in whole images squared, so that no rounding hides that agreement by chance is certain.
    by_chance = sum(count * of_second[label] for label, count in of_first.items())
    everything = images * images
    kappa = None if by_chance == everything else (same * images - by_chance) / (everything - by_chance)
    return Agreement(images, same, kappa)
