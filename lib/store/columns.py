"""Column types for text of any origin, for true labels and for times."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator

from lib.domain.annotations import TrueLabel

LABEL_SEPARATOR = "\x1f"
"""Between the labels of a true label: the character of ASCII that is made for it."""


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


class TrueLabelText(TypeDecorator[TrueLabel]):
    """A true label as text: its labels with a separator between them, empty for none of the labels."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: TrueLabel | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the labels as text."""
        if value is None:
            return None
        labels = (label.replace(LABEL_SEPARATOR, "\N{REPLACEMENT CHARACTER}") for label in value.labels)
        return storable(LABEL_SEPARATOR.join(labels))

    def process_result_value(self, value: str | None, dialect: Dialect) -> TrueLabel | None:  # noqa: ARG002
        """Return the text as a true label."""
        return None if value is None else TrueLabel(tuple(value.split(LABEL_SEPARATOR)) if value else ())


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
