"""What a program shows to be let in, in the name of who made it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is kept of a token; the token itself is not. All times are in UTC; `used_at` is right to a minute."""

    number: int
    note: str
    made_by: str
    made_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
