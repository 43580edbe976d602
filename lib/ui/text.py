"""Numbers and names as people read them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import humanize
import streamlit as st

from lib.domain.images import Image
from lib.workflows.progress import Progress

_LONGEST_NAME = 44
_MARKDOWN = re.compile(r"[!-/:-@\[-`{-~]")  # ASCII punctuation: CommonMark 0.31, section 2.4
# What Streamlit makes links, logos and arrows of only after it has read the Markdown, so that no backslash helps.
_JOINTS = re.compile(r"(?<=:)(?=/|streamlit:)|(?<=www)(?=\.)|(?<=@)(?=\S)|(?<=[<>~-])(?=[=>-])", re.IGNORECASE)
_WORD_JOINER = "\u2060"  # takes no room, and lets no line end there
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def format_size(image: Image) -> str:
    """Pixels and bytes of what is sent."""
    return f"{image.width_px} × {image.height_px} px · {humanize.naturalsize(image.size_bytes, format='%.0f')}"


def format_latency(seconds: float) -> str:
    """A latency with two or three digits: "12 ms", "3.4 s"."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def format_age(moment: datetime) -> str:
    """How long ago, as people say it. `moment` is in UTC."""
    return humanize.naturaltime(datetime.now(UTC) - moment)


def format_exact_time(moment: datetime) -> str:
    """The exact time where the visitor is, with its zone, for those who want it."""
    local = to_local(moment)
    zone = local.tzname() or "UTC"
    # Many zones have no name of their own: then it is what is to be added to UTC.
    return f"{local:%Y-%m-%d %H:%M:%S} {f'UTC{zone}' if zone[0] in '+-' else zone}"


def format_day(moment: datetime) -> str:
    """The day where the visitor is."""
    return f"{to_local(moment):%d %b %Y}"


def to_local(moment: datetime) -> datetime:
    """The moment in the time zone of the visitor's browser; in UTC where that names none that is known."""
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # it is a stranger's text
        return moment.astimezone(UTC)


def describe_progress(progress: Progress) -> str:
    """How many of how many, how fast, how long still."""
    words = [f"{progress.done} of {format_count(progress.total, 'answer')}"]
    if progress.failed:
        words.append(f"{progress.failed} failed")
    if progress.left_s is not None:
        words.append(f"{progress.images_per_s:.1f} images per second")
        left = timedelta(seconds=round(progress.left_s))
        # The last calls may be tried again for a while: "0 seconds" would be a promise.
        words.append(f"{humanize.precisedelta(left)} left" if left else "almost done")
    return " · ".join(words)


def format_images(count: int) -> str:
    """ "1 image", "5 images"."""
    return format_count(count, "image")


def format_versions(count: int) -> str:
    """ "1 version", "2 versions"."""
    return format_count(count, "version")


def format_list(names: Sequence[str]) -> str:
    """ "v1", "v1 and v2", "v1, v2 and v3"."""
    return humanize.natural_list(list(names)).replace(", and", " and") if names else "nobody"


def escape_markdown(words: str) -> str:
    """The words for a place that reads Markdown, so that every character stands for itself.

    Addresses do not become links: a word joiner, which nobody sees, stands in each.
    """
    parts = _JOINTS.split(_SPACE.sub(" ", words).strip())
    return _WORD_JOINER.join(_MARKDOWN.sub(r"\\\g<0>", part) for part in parts)


def shorten_name(name: str) -> str:
    """A file name on one line: its beginning and its end, where the counting number and the ending are."""
    flat = " ".join(name.split()) or "(no name)"
    return flat if len(flat) <= _LONGEST_NAME else f"{flat[: _LONGEST_NAME - 16]}…{flat[-15:]}"


def format_count(count: int, noun: str) -> str:
    """The number with its noun: "1 answer", "1,200 answers"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
