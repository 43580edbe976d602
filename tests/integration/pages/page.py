"""What a test does on a page, and what it reads off it."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.domain.predictions import ModelVersion
from lib.settings import ROOT
from lib.ui import providers
from lib.ui.predict.image_intake import UPLOAD_KEY
from lib.ui.version_choice import VERSIONS_KEY
from lib.web import resources
from lib.workflows.jobs import JobKind

_PATIENCE_S = 60


def read_sample(name: str) -> bytes:
    """The bytes of a sample photograph."""
    return (ROOT / "samples" / name).read_bytes()


def upload(app: AppTest, **files: bytes) -> AppTest:
    """Upload files by name, and wait until all is answered. Names: `cat_jpg` stands for cat.jpg."""
    return upload_named(app, {name.replace("_", ".", 1): content for name, content in files.items()})


def upload_named(app: AppTest, files: dict[str, bytes]) -> AppTest:
    """Upload files by name, and wait until all is answered."""
    uploader = next(widget for widget in app.file_uploader if str(widget.key).startswith(UPLOAD_KEY))
    for name, content in files.items():
        uploader.upload(name, content, "application/octet-stream")
    app.run()
    return wait_for_answers(app)


def choose_no_version(app: AppTest) -> AppTest:
    """Take all versions out of the choice; the browser takes them out of the address, too."""
    del app.query_params[VERSIONS_KEY]
    return app.multiselect(VERSIONS_KEY).set_value([]).run()


def wait_for_answers(app: AppTest) -> AppTest:
    """Wait until nothing is under way in the page's session, and draw the page again."""
    for job in resources.jobs().find_running(JobKind.PREDICTION, session_of(app)):
        job.wait(_PATIENCE_S)
    return app.run()


def session_of(app: AppTest) -> str:
    """Id of the session in the address."""
    return str(app.query_params["session"])


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The figures on the page, from the top."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def words(app: AppTest) -> str:
    """All that is written on the page, as it is read there: texts, captions, alerts and paragraphs."""
    kinds = ("text", "caption", "markdown", "error", "info")
    written = "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in app.get(kind))
    return as_read(written)


def as_read(markdown: str) -> str:
    """What is read on the page: the backslashes and joints, by which words stand for themselves, are not seen."""
    return markdown.replace("\\", "").replace("\u2060", "")


def bars(app: AppTest) -> dict[str, dict[str, float]]:
    """The scores that the only card draws: by version, by label."""
    (figure,) = charts(app)
    return {drawn["name"]: dict(zip(drawn["customdata"], drawn["x"], strict=True)) for drawn in figure["data"]}


def find_version(name: str) -> ModelVersion:
    """The version of this name in the family that the page shows without a choice."""
    served = providers.versions_of("built-in", "second-look", "us-central1")
    return next(version for version in served if (version.family, version.version) == ("imagenet", name))
