"""Timestamps."""

from datetime import UTC, datetime, timedelta, timezone

from lib.serving.vertex.vertex_names import format_timestamp, now


def test_a_timestamp_is_formatted_in_utc_with_microseconds() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))

    assert format_timestamp(moment) == "2026-01-02T02:04:05.000000Z"


def test_the_current_time_has_a_time_zone() -> None:
    assert now().tzinfo is UTC
