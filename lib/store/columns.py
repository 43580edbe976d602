"""Column types for text of any origin and for times."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator


def storable(value: str) -> str:
    """Return the text with a replacement for what databases cannot store: NUL characters and lone surrogates."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


class SanitizedText(TypeDecorator[str]):
    """Text that `storable` sanitizes on its way into the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text as databases can store it."""
        return value if value is None else storable(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC. SQLite drops the time zone; this restores it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time in UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time with its time zone, which SQLite drops."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value
