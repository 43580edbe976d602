"""The colours of versions, the same on every page, in the order in which they were chosen.

Source: Okabe & Ito (2008), "Color Universal Design", safe for the colour-blind; baseline first.
"""

from collections.abc import Iterable

_IN_ORDER = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

MOST_VERSIONS = len(_IN_ORDER)
"""How many versions can be told apart at once."""


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """The colours of versions by the names they go by on the page, in order of choice."""
    return {name: version_colour(place) for place, name in enumerate(names)}


def version_colour(place: int) -> str:
    """Colour of the version at `place` in the choice; 0 is the baseline. Raises IndexError beyond MOST_VERSIONS."""
    return _IN_ORDER[place]
