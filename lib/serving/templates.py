"""Paths with variables, as google.api.http writes them: `/v1/{name=projects/*/locations/*/models/*}:predict`."""

import re
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{([\w.]+)=([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """The paths that a template stands for. `names` are its variables, in the order of the pattern's groups."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]

    def variables(self, path: str) -> dict[str, str] | None:
        """What the variables are in a whole path; None for a path that does not fit."""
        found = self.pattern.fullmatch(path)
        return dict(zip(self.names, found.groups(), strict=True)) if found else None


def read_template(text: str) -> Template:
    """The template that is written so; a `*` stands for anything but slashes."""
    # Splitting by a pattern with two groups gives: text, name, value, text, ...
    start, *rest = _VARIABLE.split(text)
    pieces = [re.escape(start)]
    for value, tail in zip(rest[1::3], rest[2::3], strict=True):
        pieces += ["(", re.escape(value).replace(r"\*", "[^/]+"), ")", re.escape(tail)]
    return Template(re.compile("".join(pieces)), tuple(rest[0::3]))
