"""Images that reviewers label differently, resolved one at a time."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.annotations import GroundTruthRule, TrueLabel
from lib.domain.reviews import Review, ReviewMode
from lib.domain.sessions import Session
from lib.ui.review import early_keys
from lib.ui.review.answers import (
    BACK_KEY,
    BOTH_KEY,
    NEITHER_KEY,
    NO_LABEL_KEY,
    UNSURE_KEY,
)
from lib.ui.review.conflicts import RESOLVE_KEY, UNDO_RESOLUTION_KEY
from lib.web import resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import page_text, unescape_markdown
from tests.integration.pages.reviewing import choose, open_review, shown


def disagree(open_app: OpenApp, clean: Session) -> str:
    """Annotate the first image as cat by Ada and dog by Grace, and return it."""
    first = shown(open_review(open_app, clean, "Ada"))
    choose(open_review(open_app, clean, "Ada"), "cat")
    choose(open_review(open_app, clean, "Grace"), "dog")
    return first


def find_words(app: AppTest) -> dict[str, str]:
    """Return the keys of the answer buttons by their labels."""
    return {
        unescape_markdown(button.label): str(button.key)
        for button in app.button
        if str(button.key).startswith("answer")
    }


def test_each_conflicting_label_can_be_chosen_by_key(open_app: OpenApp, clean: Session) -> None:
    first = disagree(open_app, clean)
    app = open_review(open_app, clean, "Judge")
    told = page_text(app)

    app.button(RESOLVE_KEY).click().run()
    words = find_words(app)
    app.button(words["dog (Grace)"]).click().run()

    assert "Reviewers label 1 image differently." in told
    assert "Cohen's kappa of 2 reviewers on 1 image: 0.00" in told
    assert set(words) == {"cat (Ada)", "dog (Grace)", "Both", "Neither", "Unsure"}
    assert resources.store().annotations.find_true_label(clean.id, first) == TrueLabel.one("dog")
    assert resources.store().audit.find(limit=1)[0].details.endswith(": dog (conflict resolved)")
    assert RESOLVE_KEY not in [button.key for button in app.button]


def test_a_conflict_can_be_resolved_with_both_labels_or_none(open_app: OpenApp, clean: Session) -> None:
    first = disagree(open_app, clean)
    app = open_review(open_app, clean, "Judge")
    app.button(RESOLVE_KEY).click().run()

    app.button(NEITHER_KEY).click().run()
    neither = [button.key for button in app.button]
    app.button(BACK_KEY).click().run()
    app.button(BOTH_KEY).click().run()

    assert {NO_LABEL_KEY, BACK_KEY} <= set(neither)
    assert resources.store().annotations.find_true_label(clean.id, first) == TrueLabel(("cat", "dog"))


def test_a_conflict_can_be_resolved_as_unsure(open_app: OpenApp, clean: Session) -> None:
    disagree(open_app, clean)
    app = open_review(open_app, clean, "Judge")
    app.button(RESOLVE_KEY).click().run()

    app.button(UNSURE_KEY).click().run()

    assert "Reviewers label" not in page_text(app)


def test_a_blind_review_hides_annotations_of_other_reviewers(open_app: OpenApp, clean: Session) -> None:
    disagree(open_app, clean)
    resources.store().reviews.change(clean.id, Review(ReviewMode.BLIND))

    app = open_review(open_app, clean, "Judge")

    assert RESOLVE_KEY not in [button.key for button in app.button]
    assert "Ada)" not in page_text(app)


def test_a_key_that_comes_right_after_a_conflict_appears_resolves_nothing(
    open_app: OpenApp, clean: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    disagree(open_app, clean)
    app = open_review(open_app, clean, "Judge")
    app.button(RESOLVE_KEY).click().run()
    monkeypatch.setattr(early_keys, "UNSEEN_S", 3600.0)

    app.button(UNSURE_KEY).click().run()

    assert "Resolve conflicts: 1 image left." in page_text(app)


def test_a_resolution_can_be_undone_also_after_the_last_one(open_app: OpenApp, clean: Session) -> None:
    first = disagree(open_app, clean)
    app = open_review(open_app, clean, "Judge")
    app.button(RESOLVE_KEY).click().run()
    app.button(UNSURE_KEY).click().run()
    at_the_end = [message.value for message in app.success]

    app.button(UNDO_RESOLUTION_KEY).click().run()

    assert at_the_end == ["No images left to resolve."]
    assert shown(app) == first


def test_a_majority_is_no_conflict(open_app: OpenApp, clean: Session) -> None:
    resources.store().reviews.change(clean.id, Review(rule=GroundTruthRule.MAJORITY))
    disagree(open_app, clean)

    choose(open_review(open_app, clean, "Mary"), "dog")

    assert RESOLVE_KEY not in [button.key for button in open_review(open_app, clean, "Judge").button]


def test_images_that_the_rule_leaves_undecided_can_be_decided(open_app: OpenApp, clean: Session) -> None:
    resources.store().reviews.change(clean.id, Review(rule=GroundTruthRule.RESOLVED))
    first = shown(open_review(open_app, clean, "Ada"))
    choose(open_review(open_app, clean, "Ada"), "cat")
    app = open_review(open_app, clean, "Judge")
    told = page_text(app)

    app.button(RESOLVE_KEY).click().run()
    app.button(find_words(app)["cat (Ada)"]).click().run()

    assert "The ground-truth rule leaves 1 image undecided." in told
    assert resources.store().annotations.find_true_label(clean.id, first) == TrueLabel.one("cat")


def test_labels_that_are_the_same_are_no_conflict_and_no_disagreement(open_app: OpenApp, clean: Session) -> None:
    first = disagree(open_app, clean)

    resources.store().reviews.change(clean.id, Review(same_labels=(("cat", "dog"),)))

    assert RESOLVE_KEY not in [button.key for button in open_review(open_app, clean, "Judge").button]
    assert resources.store().annotations.find_true_label(clean.id, first) == TrueLabel.one("cat")
    assert "disagreement" not in page_text(open_review(open_app, clean, "Judge"))
