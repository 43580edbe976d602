"""Steps of a review on its page."""

from streamlit.testing.v1 import AppTest

from lib.domain.annotations import AnnotationStatus, TrueLabel
from lib.domain.sessions import Session
from lib.ui.review.answers import (
    LABEL_KEY,
)
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from tests.integration.pages.conftest import OpenApp

FIRST_KEY = f"{LABEL_KEY}-1"


def open_review(open_app: OpenApp, session: Session, reviewer: str = "Grace") -> AppTest:
    app = open_app("review", session=session.id)
    app.text_input(NAME_KEY).set_value(reviewer).run()
    return app


def shown(app: AppTest) -> str:
    """SHA-256 of the image to annotate."""
    (picture,) = [html.proto.body for html in app.get("html") if 'class="reviewed"' in html.proto.body]
    return str(picture).split("/pictures/")[1].split("/")[1].split('"')[0]


def annotations_of(session: Session) -> list[tuple[str, AnnotationStatus, TrueLabel | None]]:
    found = resources.store().annotations.find(session.id)
    return [(annotation.sha256, annotation.status, annotation.label) for annotation in found if not annotation.resolves]


def choose(app: AppTest, label: str) -> AppTest:
    """Press the button of this label."""
    (key,) = [button.key for button in app.button if button.label == label]
    return app.button(str(key)).click().run()
