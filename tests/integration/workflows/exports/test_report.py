"""The report: one self-contained file in which every name is escaped."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from lib.domain.predictions import Failure
from lib.store import Store
from lib.workflows.exports.report import write_report
from lib.workflows.exports.rows import Selection
from tests.builders.compared_session import VERSIONS, Row, make_compared_session
from tests.builders.values import NOON

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


class Words(HTMLParser):
    """Collects the texts and the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append(" ")
        self._is_code = tag in {"script", "style"}

    def handle_endtag(self, _: str) -> None:
        self._is_code = False

    def handle_data(self, data: str) -> None:
        if not self._is_code:
            self.texts.append(data)


def read(store: Store, rows: list[Row], title: str = "Kittens", **selection: Any) -> Words:
    session = make_compared_session(store, rows, title)
    page = Words()
    for piece in write_report(store, Selection(session, VERSIONS, **selection), NOON, lambda _: None):
        page.feed(piece.decode())
    return page


def text_of(page: Words) -> str:
    return " ".join("".join(page.texts).split())


def test_the_report_has_verdict_regressions_images_models_and_hashes(store: Store) -> None:
    rows = [Row(name="fixed.jpg", first="dog"), Row(name="broken.jpg", second="dog"), Row(name="same.jpg")]

    text = text_of(read(store, rows))

    assert "both get the same number right (1 fix, 1 regression)" in text
    assert "Regressions of v2 broken.jpg v1: cat 0.75 v2: dog 0.75 True label: cat" in text
    assert "✗ dog 0.75 ✓ cat 0.75" in text
    assert VERSIONS["v1"].model_name in text
    assert all(image.sha256 in text for image in store.images.find(store.sessions.find()[0].session.id))


def test_the_report_names_regressions_in_the_must_not_regress_set_first(store: Store) -> None:
    rows = [Row(name="fixed.jpg", first="dog")] * 20 + [Row(name="stop.jpg", second="dog", must_not_regress=True)]

    text = text_of(read(store, rows))

    assert "Verdict v2 gets 1 must-not-regress image wrong that v1 gets right: stop.jpg. v2 is better" in text
    assert "stop.jpg v1: cat 0.75 v2: dog 0.75 True label: cat Must not regress" in text


def test_names_labels_and_titles_are_never_html(store: Store) -> None:
    page = read(store, [Row(name=HOSTILE, true_label=HOSTILE, second=Failure(HOSTILE))], title=HOSTILE)

    assert text_of(page).count('<script>alert("x")</script>') >= 4
    assert [attrs for tag, attrs in page.elements if "onerror" in attrs] == []


def test_the_report_loads_nothing_from_the_network(store: Store) -> None:
    page = read(store, [Row()] * 3)

    asked = [attrs.get(name) or "" for _, attrs in page.elements for name in ("src", "href") if name in attrs]
    assert [address for address in asked if not address.startswith("data:")] == []
    policy = next(attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv"))
    assert "default-src 'none'" in str(policy)


def test_the_plotly_script_is_included_once_and_only_with_charts(store: Store) -> None:
    scripts = [tag for tag, _ in read(store, [Row()] * 3).elements if tag == "script"]
    without = [tag for tag, _ in read(store, [], title="Empty").elements if tag == "script"]

    # Plotly's own, and the one that draws.
    assert len(scripts) == 2
    assert len(without) <= 2


@pytest.mark.parametrize(
    "rows", [[], [Row(true_label=None)], [Row()], [Row(first=None, second=None)], [Row(second=Failure("Busy."))]]
)
def test_a_report_works_with_little_data(store: Store, rows: list[Row]) -> None:
    assert "Verdict" in text_of(read(store, rows))


def test_one_version_has_nothing_to_compare_with(store: Store) -> None:
    session = make_compared_session(store, [Row()])
    pieces = write_report(store, Selection(session, {"v1": VERSIONS["v1"]}), NOON, lambda _: None)

    assert b"Only one version: nothing to compare." in b"".join(pieces)


def test_the_report_uses_the_threshold_and_margin_of_the_page(store: Store) -> None:
    text = text_of(read(store, [Row(score=0.6)] * 3, threshold=0.7, margin=0.02))

    assert "score threshold 0.70" in text
    assert "No label scores 0.70 or more for 3 images with v1" in text


def test_charts_have_descriptions_for_screen_readers(store: Store) -> None:
    page = read(store, [Row(), Row(second="dog")])

    charts = [attrs for tag, attrs in page.elements if re.match("chart-", attrs.get("id") or "")]
    assert len(charts) >= 3
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in charts)
