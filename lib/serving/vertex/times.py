"""Points in time, as JSON has them."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Such as `2020-07-14T17:16:55.098953Z`; `moment` knows its zone."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
