"""Names, labels, titles and notes of strangers stand on every page as they are: no link, no markup, no formula."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from lib.domain.annotations import Annotation, AnnotationStatus
from lib.domain.audit import AuditEvent
from lib.domain.images import ImageLimits
from lib.domain.permissions import Action
from lib.domain.predictions import Failure, ModelVersion, Prediction, Record
from lib.domain.sessions import ShareTerms
from lib.images.preparation import prepare_image
from lib.settings import ROOT
from lib.store import Store
from lib.workflows.exports.report import write_report
from lib.workflows.exports.rows import Selection
from tests.browser.streamlit_page import open_page
from tests.builders.pairs import make_true_label
from tests.stand_ins.app_server import AppServer

EVIL = (
    "https://evil.example/ <b>x</b> [a](javascript:alert(1)) www.evil.example me@evil.example $x$ :red[y]"
    " ![i](https://evil.example/i.png) :streamlit: <a href='https://evil.example'>here</a> a->b *c* `d`"
)
# Addresses, and how often the whole text must be read there at least.
PLACES = [
    ("/?session={session}", 3),
    ("/history", 1),
    ("/history?session={session}&view=matrix", 0),
    ("/history?session={session}&view=matrix&part=Trends", 0),
    ("/history?session={session}&view=matrix&part=Share", 1),
    ("/history?session={session}&view=matrix&image={image}", 3),
    *(
        (f"/compare?session={{session}}&detail={part}", 3)
        for part in ("Fixes+and+regressions", "Confusion", "Calibration", "Thresholds", "Latency", "Labels")
    ),
    ("/review?session={session}", 2),
    ("/robustness?session={session}", 2),
    ("/models?session={session}&models=Evaluation", 1),
    ("/models?session={session}&models=Use+it+from+code", 1),
    ("/audit_log", 0),
    ("/shared?share={token}", 1),
    ("/shared?share={token}&shared-part=Cards", 3),
    ("/shared?share={token}&shared-part=Compare", 3),
]

_MARKUP = """host => [...document.querySelectorAll(
  'a, b, code, em, .katex, [data-testid=stMarkdownContainer] img'
)].filter(each => {
  if (each.tagName === 'A' || each.namespaceURI.endsWith('svg')) {
    const href = each.getAttribute('href') ?? each.getAttribute('xlink:href') ?? '';
    return href !== '' && new URL(href, document.baseURI).host !== host;
  }
  return !each.closest('[data-testid=stCode]');
}).map(each => each.outerHTML)"""


@pytest.fixture(scope="module")
def store(app_server: AppServer) -> Iterator[Store]:
    """The server's own store."""
    with closing(
        Store(f"sqlite:///{app_server.data_dir / 'second-look.db'}", str(app_server.data_dir / "images"))
    ) as it:
        yield it


@pytest.fixture(scope="module")
def names(store: Store) -> dict[str, str]:
    """What addresses need of a session in which every text is a stranger's."""
    now = datetime.now(UTC)
    session = store.sessions.create(EVIL, now, EVIL)
    versions = _versions()
    for number, photograph in enumerate(sorted((ROOT / "samples").glob("*.jpg"))[:3]):
        prepared = prepare_image(photograph.read_bytes(), EVIL, ImageLimits())
        sha256 = prepared.image.sha256
        store.images.add(session.id, prepared, now)
        for place, version in enumerate(versions):
            outcome = (
                Failure(EVIL)
                if number == 2 and place
                else Prediction((EVIL, "dog"), (0.8 - place / 2, 0.2 + place / 2))
            )
            store.predictions.add(Record(sha256, version, session.id, now, 0.1, outcome))
        for who, label in ((EVIL, EVIL), ("Ada", "dog")):
            store.annotations.add(
                session.id, Annotation(sha256, who, AnnotationStatus.LABELED, make_true_label(label), now, EVIL)
            )
        store.annotations.set_true_labels(session.id, [sha256], make_true_label(EVIL), EVIL, now)
    store.audit.record(AuditEvent(now, EVIL, Action.PREDICT, session.id, EVIL))
    token = store.sharing.add(session.id, ShareTerms(EVIL, timedelta(days=7)), EVIL, now)
    return {"session": session.id, "image": sha256, "token": token}


def _versions() -> list[ModelVersion]:
    names = "projects/second-look/locations/us-central1/models/ICN666"
    return [ModelVersion("built-in", f"{names}{place}", EVIL, f"{EVIL} {place}", "") for place in (1, 2)]


@pytest.mark.parametrize(("address", "times"), PLACES)
def test_hostile_names_are_shown_as_plain_text(
    page: Page, base_url: str, names: dict[str, str], address: str, times: int
) -> None:
    open_page(page, address.format(**names))

    assert page.evaluate(_MARKUP, base_url.partition("://")[2]) == []
    read = page.locator("body").inner_text().replace("\u2060", "")
    assert read.count(EVIL) >= times, read


def test_hostile_names_are_plain_text_in_the_report(
    page: Page, store: Store, names: dict[str, str], tmp_path: Path
) -> None:
    versions = {version.version: version for version in _versions()}
    selection = Selection(store.sessions.get(names["session"]), versions)
    report = tmp_path / "report.html"
    report.write_bytes(b"".join(write_report(store, selection, datetime.now(UTC), lambda _: None)))

    page.goto(report.as_uri())

    page.locator(".js-plotly-plot .legend").first.wait_for()
    assert [found for found in page.evaluate(_MARKUP, "") if "<code>" not in found] == []
    assert page.locator("body").inner_text().count(EVIL) > 20
