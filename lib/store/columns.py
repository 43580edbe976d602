"""Column types, and what text a database can keep."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator


def storable(words: str) -> str:
    """The words with a mark for what databases cannot hold: NUL characters, and halves of surrogate pairs."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


class SanitizedText(TypeDecorator[str]):
    """Text of any origin, as `storable` leaves it: the one place where all texts pass on their way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """As databases can hold it."""
        return value if value is None else storable(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the time zone; this puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """In UTC, whatever zone it came in."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """With its time zone, whatever the database kept of it."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value
