"""Sessions, searches for sessions, and share links."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True, slots=True)
class Session:
    """A titled set of images with predictions and annotations. `id` is part of its URL; `created_at` is in UTC.

    `created_by` is the name of its creator, which may be empty. `revision` increases with every change of images,
    predictions and true labels: results computed at one revision are valid until it changes.
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
    """A session with its counts.

    `compared` counts the images that at least two versions predicted, `agreeing` those of them with the same top label
    from all versions, and `reviewed` the images with a true label.
    """

    session: Session
    version_count: int
    compared: int
    agreeing: int
    reviewed: int

    @property
    def agreement(self) -> float | None:
        """Share of the compared images on which the versions agree; None without compared images."""
        return self.agreeing / self.compared if self.compared else None

    @property
    def reviewed_share(self) -> float:
        """Share of the images with a true label; 0 for a session without images."""
        return self.reviewed / self.session.image_count if self.session.image_count else 0.0


class SessionOrder(Enum):
    """Sort order of sessions."""

    LATEST = "Newest first"
    OLDEST = "Oldest first"
    TITLE = "Title"
    IMAGES = "Most images"
    AGREEMENT = "Lowest agreement"
    REVIEWED = "Least reviewed"


@dataclass(frozen=True, slots=True)
class SessionSearch:
    """Which sessions are listed, and in what order. `words` are searched in title and creator; empty: all."""

    words: str = ""
    archived: bool = False
    order: SessionOrder = SessionOrder.LATEST


class Arrival(Enum):
    """Whether an added image is new, known from another session, or in the session already."""

    NEW = "new"
    KNOWN = "in another session"
    PRESENT = "in this session"


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that was rejected: its name as uploaded, and the reason as a sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Share:
    """A stored share link, without its token. All times are in UTC.

    `expires_at` is None for a link without expiry; `opened` counts openings, the latest at `opened_at`.
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
        """Return whether the link opens the session."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """Options of a new link: a note, and its lifetime (None: until it is revoked)."""

    note: str = ""
    lasts: timedelta | None = None
