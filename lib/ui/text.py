"""Text of the pages: sentences that several pages share, and numbers, times and names as people read them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import humanize
import streamlit as st

from lib.domain.images import Image
from lib.domain.jobs import Progress
from lib.domain.wording import format_count

PRODUCT = "Second Look"
ANONYMOUS = "Anonymous"
EXPORT_TAB = "Export"
NOT_PREDICTED = "Not predicted yet"
MUST_NOT_REGRESS = "Must not regress"
NO_VERSION = "Select at least one version in the sidebar."

_LONGEST_NAME = 44
_MARKDOWN = re.compile(r"[!-/:-@\[-`{-~]")  # ASCII punctuation: CommonMark 0.31, section 2.4
# Streamlit makes these into links, logos and arrows only after it has read the Markdown, so that no backslash helps.
_JOINTS = re.compile(r"(?<=:)(?=/|streamlit:)|(?<=www)(?=\.)|(?<=@)(?=\S)|(?<=[<>~-])(?=[=>-])", re.IGNORECASE)
_WORD_JOINER = "\u2060"  # has no width, and prevents a line break
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def format_size(image: Image) -> str:
    """Return the size of the image sent: "640 × 480 px · 232 kB"."""
    return f"{image.width_px} × {image.height_px} px · {humanize.naturalsize(image.size_bytes, format='%.0f')}"


def format_latency(seconds: float) -> str:
    """Return a latency with its unit: "12 ms", "3.4 s"."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def format_age(moment: datetime) -> str:
    """Return how long ago a moment in UTC was: "3 hours ago"."""
    return humanize.naturaltime(datetime.now(UTC) - moment)


def format_exact_time(moment: datetime) -> str:
    """Return a moment to the second in the visitor's time zone: "2026-01-02 03:04:05 UTC"."""
    local = to_local(moment)
    zone = local.tzname() or "UTC"
    # Many zones have no name of their own, only their offset.
    return f"{local:%Y-%m-%d %H:%M:%S} {f'UTC{zone}' if zone[0] in '+-' else zone}"


def format_day(moment: datetime) -> str:
    """Return the day in the visitor's time zone: "02 Jan 2026"."""
    return f"{to_local(moment):%d %b %Y}"


def to_local(moment: datetime) -> datetime:
    """Return the moment in the time zone of the visitor's browser, or in UTC where that zone is unknown."""
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the browser's text is untrusted
        return moment.astimezone(UTC)


def describe_progress(progress: Progress) -> str:
    """Describe a job: predictions done, failures, speed and time left."""
    parts = [f"{progress.done} of {format_count(progress.total, 'prediction')}"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.left_s is not None:
        parts.append(f"{progress.per_s:.1f} per second")
        left = timedelta(seconds=round(progress.left_s))
        # The last calls may be retried for a while: "0 seconds" would be a promise.
        parts.append(f"{humanize.precisedelta(left)} left" if left else "almost done")
    return " · ".join(parts)


def format_images(count: int) -> str:
    """Return "1 image", "1,200 images"."""
    return format_count(count, "image")


def format_versions(count: int) -> str:
    """Return "1 version", "2 versions"."""
    return format_count(count, "version")


def format_list(names: Sequence[str]) -> str:
    """Return "v1", "v1 and v2", "v1, v2 and v3"; "none" for no name."""
    return humanize.natural_list(list(names)).replace(", and", " and") if names else "none"


def escape_markdown(text: str) -> str:
    """Escape text for Markdown, so that every character stands for itself.

    URLs do not become links: each gets a word joiner, which is invisible.
    """
    parts = _JOINTS.split(_SPACE.sub(" ", text).strip())
    return _WORD_JOINER.join(_MARKDOWN.sub(r"\\\g<0>", part) for part in parts)


def shorten_name(name: str) -> str:
    """Shorten a file name to one line of 44 characters: its beginning, and its end with number and extension."""
    flat = " ".join(name.split()) or "(no name)"
    return flat if len(flat) <= _LONGEST_NAME else f"{flat[: _LONGEST_NAME - 16]}…{flat[-15:]}"
