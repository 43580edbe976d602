"""A link by which somebody may look at one session, and at nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta


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
