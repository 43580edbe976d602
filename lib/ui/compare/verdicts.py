"""Comparison settings, and a card with the verdict for each candidate, which `lib/stats/comparison.py` computes."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.charts.difference_plot import DifferenceRow, describe_differences, difference_plot
from lib.charts.power_curve import describe_power, power_curve
from lib.domain.predictions import ModelVersion
from lib.domain.reviews import ReviewStatus
from lib.stats.comparison import Verdict, find_overlaps
from lib.stats.descriptions import describe_evidence, describe_labels, describe_plan, describe_waiting, headline
from lib.stats.planning import make_plan
from lib.store import Store
from lib.ui.addresses import REVIEW, session_address
from lib.ui.compare.labels_elsewhere import offer_labels_elsewhere
from lib.ui.compare.similar_labels import show_label_texts
from lib.ui.comparison_settings import DEFAULTS, choose_grouping, choose_margin, choose_threshold
from lib.ui.frame import Page
from lib.ui.text import ANONYMOUS, escape_markdown, format_exact_time, format_list
from lib.web import resources
from lib.workflows.compare import ComparisonSettings, VersionComparison, find_comparisons
from lib.workflows.comparison_texts import describe_blocking_regressions, describe_caveats

SCOPE_KEY = "over"
CANDIDATE_KEY = "candidate"
_THIS, _ALL = "This session", "All sessions"

_ICONS = {
    Verdict.BETTER: ":material/trending_up:",
    Verdict.WORSE: ":material/trending_down:",
    Verdict.NO_WORSE: ":material/trending_flat:",
    Verdict.WORSE_WITHIN_MARGIN: ":material/trending_down:",
    Verdict.CANNOT_BE_SETTLED: ":material/block:",
    Verdict.NOT_ENOUGH_LABELS: ":material/hourglass_empty:",
    Verdict.NO_DIFFERENCE: ":material/equal:",
}


def choose_settings(page: Page) -> ComparisonSettings:
    """Ask which images to compare on, for the score threshold and for the non-inferiority margin."""
    review = page.store.reviews.get(page.session.id) if page.session else DEFAULTS
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session_id = _choose_scope(page)
        threshold = choose_threshold(200, review)
        margin = choose_margin(review)
        grouping = choose_grouping()
    return ComparisonSettings(session_id, threshold, margin, grouping)


def _choose_scope(page: Page) -> str | None:
    """Ask for this session or all sessions (None)."""
    if page.session is None:
        st.markdown("Over all sessions")
        return None
    if page.by_link:
        return page.session.id
    scope = st.segmented_control(
        "Over", [_THIS, _ALL], default=_THIS, required=True, key=SCOPE_KEY, bind="query-params"
    )
    return None if scope == _ALL else page.session.id


def compare_versions(page: Page, settings: ComparisonSettings) -> list[VersionComparison]:
    """Compare the first chosen version with each of the others; cached until the store changes."""
    state = repr((page.store.sessions.find_state(), settings, page.versions))
    return _compare(state, page.store, page.versions, settings)


@st.cache_resource(show_spinner="Comparing …", max_entries=20)
def _compare(
    state: str,  # noqa: ARG001 - the key of Streamlit's cache
    _store: Store,
    _versions: Mapping[str, ModelVersion],
    _settings: ComparisonSettings,
) -> list[VersionComparison]:
    return find_comparisons(_store, _versions, _settings, images=resources.image_workers())


def show_verdicts(page: Page, comparisons: Sequence[VersionComparison]) -> None:
    """Draw regressions in the must-not-regress set first, then all intervals where there are several candidates, and a
    card for each of them.
    """
    _show_signed(page, comparisons)
    for regressions in filter(None, map(describe_blocking_regressions, comparisons)):
        st.error(escape_markdown(regressions), icon=":material/gpp_bad:")
    show_label_texts(page, comparisons)
    for session_id in {comparison.version_pair.session_id for comparison in comparisons} - {None}:
        offer_labels_elsewhere(page, str(session_id))
    if len(comparisons) > 1:
        _show_ranking(page, comparisons)
    for comparison in comparisons:
        with st.container(border=True):
            _show_verdict(page, comparison)


def _show_signed(page: Page, comparisons: Sequence[VersionComparison]) -> None:
    """Draw the verdicts as they were signed off, which stay as they are; what follows is today's."""
    session_ids = {comparison.version_pair.session_id for comparison in comparisons} - {None}
    for review in map(page.store.reviews.get, filter(None, session_ids)):
        if review.signed_off_at is None:
            continue
        by = f"Signed off by {review.signed_off_by or ANONYMOUS}, {format_exact_time(review.signed_off_at)}"
        verdicts = review.signed_verdicts or ("No verdict was kept with it.",)
        st.info("\n\n".join(map(escape_markdown, (by, *verdicts))), icon=":material/verified:")
        st.caption("Today's verdict, from the same labels:")


def _show_ranking(page: Page, comparisons: Sequence[VersionComparison]) -> None:
    _show_differences(page, comparisons, key="differences")
    overlaps = find_overlaps({comparison.candidate: comparison.result for comparison in comparisons})
    if overlaps and any(comparison.result.labeled for comparison in comparisons):
        pairs = format_list([f"{one} and {other}" for one, other in overlaps])
        st.markdown(escape_markdown(f"Ranking not decisive: the intervals of {pairs} overlap."))


def _show_differences(page: Page, comparisons: Sequence[VersionComparison], key: str) -> None:
    colors = page.colors
    rows = [
        DifferenceRow(
            comparison.candidate,
            colors[comparison.candidate],
            comparison.result.estimate,
            comparison.result.interval,
        )
        for comparison in comparisons
    ]
    st.plotly_chart(
        difference_plot(rows, comparisons[0].result.margin),
        key=key,
        config={"displayModeBar": False},
        alt=describe_differences(rows),
    )


def _show_verdict(page: Page, comparison: VersionComparison) -> None:
    result, names = comparison.result, (comparison.baseline, comparison.candidate)
    st.subheader(f"{_ICONS[result.verdict]} {escape_markdown(headline(result, *names))}", anchor=False)
    st.markdown(escape_markdown(describe_evidence(result, *names)))
    with st.container(horizontal=True, gap="large"):
        st.metric("Difference", _format_difference(result.estimate), width="content")
        st.metric("Fixes", f"{result.prefix.counts.fixes:,}", width="content")
        st.metric("Regressions", f"{result.prefix.counts.regressions:,}", width="content")
    _show_differences(page, [comparison], key=f"difference-{comparison.candidate}")
    _show_labels(page, comparison)
    with st.expander("How this was computed"):
        shown = {describe_labels(result), describe_waiting(result)}
        for sentence in (sentence for sentence in describe_caveats(comparison) if sentence not in shown):
            st.caption(escape_markdown(sentence))
        if comparison.version_pair.session_id:
            rule = page.store.reviews.get(comparison.version_pair.session_id).rule
            st.caption(escape_markdown(f"Ground-truth rule: {rule.value}."))


def _format_difference(estimate: float | None) -> str:
    return "–" if estimate is None else f"{round(estimate * 100, 1) + 0.0:+.1f} points"


def _show_labels(page: Page, comparison: VersionComparison) -> None:
    """Draw how many labels there are, the way to the next one, and what the missing ones can bring."""
    result = comparison.result
    share = result.labeled / result.disagreements if result.disagreements else 1.0
    st.progress(share, text=escape_markdown(describe_labels(result)))
    waiting = describe_waiting(result)
    if waiting:
        st.markdown(escape_markdown(waiting))
    plan = make_plan(result.prefix)
    session_id = comparison.version_pair.session_id
    if plan is None or result.is_settled_early:
        return
    st.markdown(escape_markdown(describe_plan(result, plan)))
    if plan.chance is None and result.verdict is not Verdict.CANNOT_BE_SETTLED:
        st.plotly_chart(
            power_curve(plan),
            key=f"power-{comparison.candidate}",
            config={"displayModeBar": False},
            alt=describe_power(plan),
        )
    if session_id and not page.read_only and page.store.reviews.get(session_id).status is not ReviewStatus.DONE:
        label = "Continue review" if result.labeled or result.prefix.waiting else "Start review"
        address = session_address(session_id)
        st.page_link(REVIEW, label=escape_markdown(label), icon=":material/rate_review:", query_params=address)


def choose_candidate(comparisons: list[VersionComparison]) -> VersionComparison:
    """Return the comparison to show in detail; asks for the candidate if there are several."""
    if len(comparisons) == 1:
        return comparisons[0]
    by_name = {comparison.candidate: comparison for comparison in comparisons}
    name = st.selectbox("Candidate", list(by_name), key=CANDIDATE_KEY, bind="query-params", width=220)
    return by_name[name]
