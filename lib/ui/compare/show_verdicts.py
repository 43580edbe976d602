"""The verdict in words, a card for each candidate, with all that one must know to believe it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import streamlit as st

from lib.domain.pair import VerdictReading
from lib.stats.agreement import Agreement
from lib.stats.comparison import Verdict
from lib.stats.looks import false_alarm
from lib.stats.words import say_accuracy, say_independent, say_verdict, say_without_label
from lib.ui.compare.choose_comparison import Contest
from lib.ui.frame import Page
from lib.ui.words import plain, say_count, say_images, say_share

_Colour: TypeAlias = Literal["green", "red", "blue", "orange", "gray"]
_SIGNS: dict[Verdict, tuple[str, str, _Colour]] = {
    Verdict.BETTER: ("Better", ":material/trending_up:", "green"),
    Verdict.WORSE: ("Worse", ":material/trending_down:", "red"),
    Verdict.NO_WORSE: ("No worse", ":material/trending_flat:", "blue"),
    Verdict.NOT_ENOUGH: ("Not enough evidence", ":material/hourglass_empty:", "orange"),
    Verdict.NO_DIFFERENCE: ("No difference seen", ":material/equal:", "gray"),
    Verdict.NO_TRUTH: ("No known labels", ":material/label_off:", "gray"),
}
_SETTLED = {Verdict.BETTER, Verdict.WORSE}


def show_verdicts(page: Page, contests: Sequence[Contest]) -> None:
    """A card for each candidate."""
    for contest in contests:
        with st.container(border=True):
            _show_verdict(page, contest)


def _show_verdict(page: Page, contest: Contest) -> None:
    comparison = contest.comparison
    word, icon, colour = _SIGNS[comparison.verdict]
    st.badge(word, icon=icon, color=colour)
    st.markdown(plain(say_verdict(comparison, contest.baseline, contest.candidate)))
    for sentence in _say_more(contest):
        st.caption(plain(sentence))
    warning = _warn_of_peeking(page, contest)
    if warning:
        st.warning(plain(warning), icon=":material/visibility:")


def _say_more(contest: Contest) -> Iterator[str]:
    comparison, flips = contest.comparison, contest.comparison.flips
    if comparison.labelled:
        right = {contest.baseline: flips.baseline_right, contest.candidate: flips.candidate_right}
        yield "; ".join(f"{name} is right on {say_accuracy(count, flips.images)}" for name, count in right.items())
    if comparison.agreement.images:
        yield _say_agreement(comparison.agreement)
    without_label = say_without_label(comparison, contest.baseline, contest.candidate)
    yield from (sentence for sentence in (say_independent(comparison), without_label) if sentence)
    if contest.unanswered:
        yield f"Left out: {say_images(contest.unanswered)} without an answer of both."
    if not comparison.is_distribution:
        yield (
            "The scores are not one distribution: an image may show several labels. All of this is about the top label."
        )


def _say_agreement(agreement: Agreement) -> str:
    kappa = "" if agreement.kappa is None else f", Cohen's kappa {agreement.kappa:.2f}"
    return f"They name the same label for {say_share(agreement.share)} of {say_images(agreement.images)}{kappa}."


def _warn_of_peeking(page: Page, contest: Contest) -> str | None:
    """A word of warning when someone kept looking until the difference was significant; notes this look."""
    comparison = contest.comparison
    if not comparison.labelled:
        return None
    readings = page.store.find_verdict_readings(contest.matchup)
    reading = VerdictReading(comparison.labelled, comparison.p)
    if comparison.labelled not in {earlier.labelled for earlier in readings}:
        page.store.add_verdict_reading(contest.matchup, reading, datetime.now(UTC))
    looks = 1 + sum(earlier.labelled < comparison.labelled for earlier in readings)
    if looks == 1 or comparison.verdict not in _SETTLED:
        return None
    return (
        f"This is {say_count(looks, 'look')} at a growing number of known labels. Who looks that often finds a"
        f" difference where there is none in {say_share(false_alarm(looks))} of all cases, not in 5 %. Decide how many"
        " images to label before looking again."
    )
