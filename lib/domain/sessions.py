"""Sessions, how lists of them are searched, and the links that share one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True, slots=True)
class Session:
    """A set of images that are looked at together. `id` is what its URL carries; `created_at` is in UTC.

    `created_by` is the name that its maker went by, empty where none was given. `revision` grows with every change
    of the session's images, answers and truths: what was worked out at one revision holds as long as it stays.
    """

    id: str
    title: str
    created_at: datetime
    image_count: int = 0
    created_by: str = ""
    archived: bool = False
    revision: int = 0


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session in numbers.

    `compared` counts the images that at least two versions answered, `agreeing` those of them for which all versions
    that answered name the same top label, and `reviewed` the images whose truth is known.
    """

    session: Session
    version_count: int
    compared: int
    agreeing: int
    reviewed: int

    @property
    def agreement(self) -> float | None:
        """Share of the compared images on which the versions agree; None where there is none to compare."""
        return self.agreeing / self.compared if self.compared else None

    @property
    def reviewed_share(self) -> float:
        """Share of the images whose truth is known; 0 for a session without images."""
        return self.reviewed / self.session.image_count if self.session.image_count else 0.0


class SessionOrder(Enum):
    """What a list of sessions is sorted by."""

    LATEST = "Newest first"
    OLDEST = "Oldest first"
    TITLE = "Title"
    IMAGES = "Most images"
    AGREEMENT = "Lowest agreement"
    REVIEWED = "Least reviewed"


@dataclass(frozen=True, slots=True)
class SessionSearch:
    """Which sessions are listed, and in what order. `words` are looked for in title and maker; empty: all."""

    words: str = ""
    archived: bool = False
    order: SessionOrder = SessionOrder.LATEST


class Arrival(Enum):
    """What an image is to a session and to all others when it comes in."""

    NEW = "nobody has it yet"
    KNOWN = "another session has it, and maybe answers"
    PRESENT = "the session itself has it already"


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that could not be taken in: its name, as it came, and the sentence that says why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Share:
    """What is kept of a link; its token is not. All times are in UTC.

    `expires_at` is None for a link that never ends; `opened` counts how often it was opened, last at `opened_at`.
    """

    number: int
    session_id: str
    note: str
    made_by: str
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    opened: int
    opened_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether it opens the session."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """What a link is made for: a note to oneself, and how long it works (None: until it is revoked)."""

    note: str = ""
    lasts: timedelta | None = None
