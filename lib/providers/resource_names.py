"""Google's resource names as values: read once, where they come in, and written by one method.

Names arrive in addresses, in stored rows and in answers, so each part is checked by what Google allows in it. A part
that has passed holds ASCII letters, digits and a few signs, none of which ends a path or begins a host.
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
"""Each collection that is asked about, and the collections that it may stand under ("": a location)."""


def check_project(text: str) -> str:
    """`text`, where it may be the id or the number of a project. Raises InvalidName."""
    if not _PROJECT.fullmatch(text):
        raise InvalidName(
            "This is not a Google Cloud project ID. Type the ID: 6 to 30 lowercase letters, digits and hyphens."
        )
    return text


@dataclass(frozen=True, slots=True)
class Location:
    """A project in a region, written `projects/P/locations/R`. Raises InvalidName where either cannot be one."""

    project: str
    region: str

    def __post_init__(self) -> None:
        check_project(self.project)
        if self.region not in REGIONS:
            raise InvalidName("No service has a region of this name. Choose a region in the sidebar.")

    def __str__(self) -> str:
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def location(self) -> "Location":
        """Itself, so that locations and what lies in them can be asked about in the same way."""
        return self

    def covers(self, other: "Location") -> bool:
        """Whether `other` may be this location. Google answers with a project's number where its id was asked for."""
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

    The last of its parts says what it is.
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
        """The name of a resource of this collection. Raises InvalidName for anything else, however much alike."""
        words = text.split("/", maxsplit=10) if isinstance(text, str) and len(text) <= _LONGEST_NAME else []
        if len(words) % 2 or words[0:1] != ["projects"] or words[2:3] != ["locations"]:
            raise InvalidName(_describe(collection))
        pairs = zip(words[4::2], words[5::2], strict=True)
        name = cls(Location(words[1], words[3]), tuple(_read_part(*pair) for pair in pairs))
        if name.collection != collection:
            raise InvalidName(_describe(collection))
        return name

    def __str__(self) -> str:
        return "/".join(map(str, (self.location, *self.parts)))

    @property
    def collection(self) -> str:
        """What it is: `models`, `endpoints`, …"""
        return self.parts[-1].collection

    @property
    def id(self) -> str:
        """Its id, without a version."""
        return self.parts[-1].id

    def with_version(self, version: str) -> "ResourceName":
        """The same model in this version; "" for the model itself."""
        *before, last = self.parts
        return ResourceName(self.location, (*before, Part(last.collection, last.id, version)))


Resource = Location | ResourceName
"""What can be asked about."""


def is_number(project: str) -> bool:
    """Whether a checked project is its number, and not its id."""
    return project.isdecimal()


def _read_part(collection: str, text: str) -> Part:
    id_, at, version = text.partition("@")
    if at and not version:
        raise InvalidName(_describe("a version"))
    return Part(collection, id_, version)


def _describe(what: str) -> str:
    return f"The name does not fit the form of Google's names for {what}, so nothing was asked."
