"""One call of a method: what its path, query and body say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.serving.vertex.fields import Fields
from lib.serving.vertex.names import read_location

# A message of Vertex AI, as JSON writes it.
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller asks. `variables` are those of the path, by the names in the template."""

    variables: Mapping[str, str]
    query: Fields
    body: Fields

    @property
    def location(self) -> str:
        """`projects/P/locations/R`."""
        return self.variables["location"]

    def name_of(self, *collections: str) -> str:
        """The name in the path, down to the last collection: `("models", "evaluations")` gives .../evaluations/E."""
        parts = [f"{collection}/{self.variables[collection]}" for collection in collections]
        return "/".join([self.location, *parts])


def make_call(variables: Mapping[str, str], query: Fields, body: Fields) -> Call:
    """A call whose location may be one of Vertex AI. Raises Refused."""
    read_location(variables["location"])
    return Call(variables, query, body)
