"""Actions on a page, and readers of what it shows."""

import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.domain.jobs import JobKind
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.settings import ROOT
from lib.ui.predict.image_intake import UPLOAD_KEY
from lib.ui.version_choice import VERSIONS_KEY
from lib.web import providers, resources

_TIMEOUT_S = 60


def open_matrix(open_app: Callable[..., AppTest], session: Session, **parameters: str | list[str]) -> AppTest:
    return open_app("history", session=session.id, view="matrix", **parameters)


def read_sample(name: str) -> bytes:
    """The bytes of a sample photograph."""
    return (ROOT / "samples" / name).read_bytes()


def upload(app: AppTest, **files: bytes) -> AppTest:
    """Upload files by name, and wait for their predictions. Names: `cat_jpg` stands for cat.jpg."""
    return upload_named(app, {name.replace("_", ".", 1): content for name, content in files.items()})


def upload_named(app: AppTest, files: dict[str, bytes]) -> AppTest:
    """Upload files by name, and wait for their predictions."""
    uploader = next(widget for widget in app.file_uploader if str(widget.key).startswith(UPLOAD_KEY))
    for name, content in files.items():
        uploader.upload(name, content, "application/octet-stream")
    app.run()
    return wait_for_predictions(app)


def choose_no_version(app: AppTest) -> AppTest:
    """Remove all versions from the choice and, as the browser does, from the address."""
    del app.query_params[VERSIONS_KEY]
    return app.multiselect(VERSIONS_KEY).set_value([]).run()


def wait_for_predictions(app: AppTest) -> AppTest:
    """Wait until no prediction runs in the page's session, and redraw the page."""
    for job in resources.jobs().find_running(JobKind.PREDICTION, session_of(app)):
        job.wait(_TIMEOUT_S)
    return app.run()


def session_of(app: AppTest) -> str:
    """Id of the session in the address."""
    return str(app.query_params["session"])


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The figures on the page, from the top."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def page_text(app: AppTest) -> str:
    """All text on the page as visitors read it: headings, texts, captions, alerts, paragraphs and progress."""
    kinds = ("subheader", "text", "caption", "markdown", "error", "info")
    written = [str(getattr(element, "value", "")) for kind in kinds for element in app.get(kind)]
    written += [str(bar.proto.text) for bar in app.get("progress")]
    return unescape_markdown("\n".join(written))


def unescape_markdown(markdown: str) -> str:
    """Remove the backslashes and word joiners that escape Markdown and are invisible on the page."""
    return markdown.replace("\\", "").replace("\u2060", "")


def bars(app: AppTest) -> dict[str, dict[str, float]]:
    """The scores on the only card, by version and label."""
    (figure,) = charts(app)
    return {drawn["name"]: dict(zip(drawn["customdata"], drawn["x"], strict=True)) for drawn in figure["data"]}


def find_version(name: str) -> ModelVersion:
    """The version of this name in the family that the page shows without a choice."""
    served = providers.versions_of("built-in", "second-look", "us-central1")
    return next(version for version in served if (version.family, version.version) == ("imagenet", name))
