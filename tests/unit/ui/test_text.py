"""Numbers and names as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from lib.domain.images import Image
from lib.domain.jobs import JobState, Progress
from lib.ui.text import (
    describe_progress,
    escape_markdown,
    format_age,
    format_exact_time,
    format_images,
    format_latency,
    format_list,
    format_size,
    shorten_name,
)


def make_progress(*, total: int = 20, done: int = 5, failed: int = 0, elapsed_s: float = 2.0) -> Progress:
    return Progress(JobState.RUNNING, total, done, failed, skipped=0, broken=0, elapsed_s=elapsed_s)


def test_progress_has_counts_speed_and_time_left() -> None:
    # 5 predictions in 2 s: 2.5 per second; 15 are left, 6 s.
    assert describe_progress(make_progress()) == "5 of 20 predictions · 2.5 per second · 6 seconds left"


def test_progress_has_no_speed_before_the_first_prediction() -> None:
    assert describe_progress(make_progress(done=0)) == "0 of 20 predictions"


def test_progress_has_no_time_left_during_the_last_calls() -> None:
    assert describe_progress(make_progress(done=19)) == "19 of 20 predictions · 9.5 per second · almost done"


def test_progress_counts_failures() -> None:
    assert "2 failed" in describe_progress(make_progress(failed=2))


def test_size_has_pixels_and_bytes() -> None:
    image = Image("0" * 64, "cat.jpg", "image/jpeg", 640, 480, 232_000)

    assert format_size(image) == "640 × 480 px · 232 kB"


@pytest.mark.parametrize(("seconds", "words"), [(0.0124, "12 ms"), (0.9, "900 ms"), (3.44, "3.4 s")])
def test_latency_has_the_unit_that_fits(seconds: float, words: str) -> None:
    assert format_latency(seconds) == words


def test_counts_agree_with_their_noun() -> None:
    assert (format_images(1), format_images(5)) == ("1 image", "5 images")


@pytest.mark.parametrize(
    ("names", "words"), [(["v1"], "v1"), (["v1", "v2"], "v1 and v2"), (["v1", "v2", "v3"], "v1, v2 and v3")]
)
def test_names_are_listed_as_in_a_sentence(names: list[str], words: str) -> None:
    assert format_list(names) == words


def test_an_age_is_written_in_words() -> None:
    assert format_age(datetime.now(UTC) - timedelta(hours=3)) == "3 hours ago"


def test_an_exact_time_is_in_utc_without_a_visitor() -> None:
    assert format_exact_time(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02 03:04:05 UTC"


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    truncated = shorten_name("holiday-" + "x" * 300 + "-0042.jpg")

    assert truncated.startswith("holiday-")
    assert truncated.endswith("-0042.jpg")
    assert len(truncated) <= 44


def test_a_name_stays_on_one_line() -> None:
    assert shorten_name("two\nlines.jpg") == "two lines.jpg"


def test_an_empty_name_has_a_placeholder() -> None:
    assert shorten_name(" ") == "(no name)"


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("*bold* [a](b) $x$ :red[y]", r"\*bold\* \[a\]\(b\) \$x\$ \:red\[y\]"),
        ("v1 2026 Größe", "v1 2026 Größe"),
        ("    code  \nbelow", "code below"),
    ],
)
def test_markdown_characters_are_escaped(words: str, written: str) -> None:
    assert escape_markdown(words) == written


@pytest.mark.parametrize(
    "words",
    [
        *("https://evil.example", "HTTP://evil.example", "www.evil.example", "WWW.evil.example", "me@evil.example"),
        *(":streamlit:", "a->b", "a<-b", "a>=b", "a<=b", "a--b", "a~=b", "a<->b"),
    ],
)
def test_text_that_streamlit_turns_into_links_or_arrows_is_split_by_an_invisible_joiner(words: str) -> None:
    assert "\u2060" in escape_markdown(words)
    assert escape_markdown(words).replace("\u2060", "").replace("\\", "") == words
