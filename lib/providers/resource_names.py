"""Google's resource names as values, parsed once where they arrive.

Names arrive in page addresses, stored rows and responses, so each part is checked by Google's rules for it. A valid
part holds ASCII letters, digits and a few other characters, none of which ends a path or starts a host.
"""

import re
from dataclasses import dataclass
from typing import Self

from lib.errors import InvalidName
from lib.providers.guarded_requests import REGIONS

# Source: Resource Manager documentation, "Project identifiers". Older ids carry a domain before a colon.
_PROJECT_ID = r"[a-z][a-z0-9-]{4,28}[a-z0-9]"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_PROJECT = re.compile(rf"(?:{_DOMAIN}:)?{_PROJECT_ID}|[1-9][0-9]{{5,18}}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_LONGEST_NAME = 500
_PARENTS = {
    "models": {""},
    "endpoints": {""},
    "datasets": {""},
    "trainingPipelines": {""},
    "evaluations": {"models"},
    "slices": {"evaluations"},
    "operations": {"", "models", "endpoints"},
}
"""Each collection in use, and its possible parents ("": a location)."""


def check_project(text: str) -> str:
    """Return `text` if it can be the id or the number of a project. Raises InvalidName."""
    if not _PROJECT.fullmatch(text):
        raise InvalidName(
            "This is not a Google Cloud project ID. Type the ID: 6 to 30 lowercase letters, digits and hyphens."
        )
    return text


@dataclass(frozen=True, slots=True)
class Location:
    """A project in a region, written `projects/P/locations/R`. Raises InvalidName if either is invalid."""

    project: str
    region: str

    def __post_init__(self) -> None:
        check_project(self.project)
        if self.region not in REGIONS:
            raise InvalidName("There is no such region. Choose a region in the sidebar.")

    def __str__(self) -> str:
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def location(self) -> "Location":
        """Itself, as locations and the resources in them are used in the same way."""
        return self

    def covers(self, other: "Location") -> bool:
        """Report whether `other` may be this location. Google returns a project's number for its id."""
        may_be_same = is_number(self.project) != is_number(other.project)
        return self.region == other.region and (may_be_same or self.project == other.project)


@dataclass(frozen=True, slots=True)
class Part:
    """A step of a name: `models/M`, or `models/M@V` with the version of a model of Vertex AI."""

    collection: str
    id: str
    version: str = ""

    def __post_init__(self) -> None:
        if self.collection not in _PARENTS or not _ID.fullmatch(self.id):
            raise InvalidName(_describe("a resource"))
        if self.version and (self.collection != "models" or not _ID.fullmatch(self.version)):
            raise InvalidName(_describe("a version"))

    def __str__(self) -> str:
        return f"{self.collection}/{self.id}{'@' if self.version else ''}{self.version}"


@dataclass(frozen=True, slots=True)
class ResourceName:
    """A resource in a location: `projects/P/locations/R/models/M/evaluations/E`. Raises InvalidName.

    Its last part is the resource itself; the others are its parents.
    """

    location: Location
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        parents = ("", *(part.collection for part in self.parts))
        steps = zip(parents, self.parts, strict=False)
        if not self.parts or any(parent not in _PARENTS[part.collection] for parent, part in steps):
            raise InvalidName(_describe("a resource"))

    @classmethod
    def parse(cls, text: object, collection: str) -> Self:
        """Parse the name of a resource of this collection. Raises InvalidName for anything else."""
        segments = text.split("/", maxsplit=10) if isinstance(text, str) and len(text) <= _LONGEST_NAME else []
        if len(segments) % 2 or segments[0:1] != ["projects"] or segments[2:3] != ["locations"]:
            raise InvalidName(_describe(collection))
        pairs = zip(segments[4::2], segments[5::2], strict=True)
        name = cls(Location(segments[1], segments[3]), tuple(_read_part(*pair) for pair in pairs))
        if name.collection != collection:
            raise InvalidName(_describe(collection))
        return name

    def __str__(self) -> str:
        return "/".join(map(str, (self.location, *self.parts)))

    @property
    def collection(self) -> str:
        """The resource's collection: `models`, `endpoints`, …"""
        return self.parts[-1].collection

    @property
    def id(self) -> str:
        """The resource's id, without a version."""
        return self.parts[-1].id

    def with_version(self, version: str) -> "ResourceName":
        """Return the model's name with this version; "" for none."""
        *before, last = self.parts
        return ResourceName(self.location, (*before, Part(last.collection, last.id, version)))


Resource = Location | ResourceName
"""What can be requested."""


def is_number(project: str) -> bool:
    """Report whether a valid project is a number, not an id."""
    return project.isdecimal()


def _read_part(collection: str, text: str) -> Part:
    id_, at, version = text.partition("@")
    if at and not version:
        raise InvalidName(_describe("a version"))
    return Part(collection, id_, version)


def _describe(what: str) -> str:
    return f"This is not a valid resource name for {what}, so no request was sent."
