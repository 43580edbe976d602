"""The Compare page while labels are missing: how many, what they can show, and how to add them."""

from dataclasses import replace

import pytest

from lib.domain.pairs import VersionPair
from lib.domain.people import Actor, Role
from lib.domain.predictions import Prediction, Record
from lib.domain.reviews import Review, ReviewMode
from lib.domain.sessions import Session, ShareTerms
from lib.ui.compare.detail_tabs import TABS_KEY as DETAIL_KEY
from lib.ui.compare.labels_elsewhere import COPY_KEY
from lib.ui.compare.similar_labels import SAME_KEY
from lib.ui.comparison_settings import GROUPING_KEY, MARGIN_KEY, THRESHOLD_KEY
from lib.ui.share_link.shared_session import TABS_KEY
from lib.web import resources
from lib.workflows.compared_pairs import find_pairs
from lib.workflows.reviews import reopen_review, sign_off_review
from tests.builders.compared_session import Row, fill_session
from tests.builders.pairs import make_appearance, make_true_label
from tests.builders.values import NOON, make_prepared_image
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import charts, find_version, page_text, unescape_markdown

FIX = Row(first="dog")
AGREED = Row(true_label=None)
CAT = make_true_label("cat")


@pytest.fixture
def session(open_app: OpenApp) -> Session:
    open_app("history")
    return resources.store().sessions.create("Birds", NOON)


def fill(session: Session, rows: list[Row]) -> None:
    fill_session(resources.store(), session, rows, (find_version("v1"), find_version("v2")))


def find_review_order(session: Session) -> list[str]:
    store = resources.store()
    items = store.reviews.find_queue(session.id, store.predictions.find_versions(session.id))
    return [item.sha256 for item in sorted(items, key=lambda item: item.place)]


def test_before_labeling_the_page_says_how_long_it_takes_and_what_it_finds(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, true_label=None)] * 24 + [AGREED] * 6)

    app = open_app("compare", session=session.id)

    text = page_text(app)
    assert "Not enough labels yet" in text
    assert "The versions disagree on 24 of 30 images. 24 disagreements left to label, about 2 minutes." in text
    assert "finds a true difference of 2.0 points with a chance of" in text
    assert len(charts(app)) == 2


def test_while_labeling_the_page_says_how_likely_the_rest_settles_it(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, true_label=None)] * 24)
    first, second, third, fourth = find_review_order(session)[:4]
    resources.store().annotations.set_true_labels(session.id, [first, second, fourth], CAT, "Ada", NOON)

    text = page_text(open_app("compare", session=session.id))

    assert third not in (first, second, fourth)
    assert "2 of 24 disagreements labeled." in text
    assert "1 label waits behind 1 image that comes first in the review order." in text
    assert "21 disagreements left to label, about 2 minutes. The chance that they settle this comparison is" in text


def test_the_page_starts_with_the_settings_of_the_review(open_app: OpenApp, session: Session) -> None:
    fill(session, [FIX, AGREED])
    resources.store().reviews.change(session.id, Review(threshold=0.4, margin=0.02))

    app = open_app("compare", session=session.id)

    assert (app.slider(THRESHOLD_KEY).value, app.number_input(MARGIN_KEY).value) == (0.4, 2.0)
    assert "not corrected" not in page_text(app)
    app.slider(THRESHOLD_KEY).set_value(0.6).run()
    assert "was chosen after the review was set up with 0.40. The verdict is not corrected" in page_text(app)


def test_several_candidates_are_in_one_plot_and_are_not_ranked_by_chance(open_app: OpenApp, session: Session) -> None:
    store = resources.store()
    fill(session, [FIX] * 4 + [Row()] * 4)
    third = replace(find_version("v2"), model_name=f"{find_version('v2').model_name}9", version="v9")
    for image in store.images.find(session.id):
        store.predictions.add(Record(image.sha256, third, session.id, NOON, 0.1, Prediction(("cat",), (0.9,))))

    app = open_app("compare", session=session.id, versions=["v1", "v2", "v9"])

    assert "Ranking not decisive: the intervals of v2 and v9 (unavailable) overlap." in page_text(app)
    assert charts(app)[0]["data"][0]["y"] == ["v2", "v2"]
    assert "v9 (unavailable) was added after labeling began: its verdict is exploratory." in page_text(app)


def test_a_signed_verdict_is_kept_beside_the_current_one(open_app: OpenApp, session: Session) -> None:
    store = resources.store()
    fill(session, [FIX] * 20 + [Row()] * 20)
    sign_off_review(store, Actor("Ada", Role.REVIEWER), session.id)
    signed = store.reviews.get(session.id).signed_verdicts
    third = replace(find_version("v2"), model_name=f"{find_version('v2').model_name}9", version="v9")
    store.predictions.add(
        Record(store.images.find(session.id)[0].sha256, third, session.id, NOON, 0.1, Prediction(("cat",), (0.9,)))
    )

    app = open_app("compare", session=session.id)

    # Bonett & Price by hand: 22/42 * 20/22 = 47.6 points, less 16.5.
    assert [verdict.split(". ")[0] for verdict in signed] == ["v2 is better: at least +31.1 points"]
    (shown,) = (unescape_markdown(info.value) for info in app.info)
    assert shown.startswith("Signed off by Ada")
    assert signed[0] in shown
    assert "Today's verdict, from the same labels:" in page_text(app)


def test_a_reopened_review_keeps_no_signed_verdict(session: Session) -> None:
    store, ada = resources.store(), Actor("Ada", Role.REVIEWER)
    fill(session, [FIX] * 4)
    sign_off_review(store, ada, session.id)

    assert reopen_review(store, ada, session.id).signed_verdicts == ()


def test_shared_links_show_the_signed_verdict(open_app: OpenApp, session: Session) -> None:
    store = resources.store()
    fill(session, [FIX] * 20 + [Row()] * 20)
    sign_off_review(store, Actor("Ada", Role.REVIEWER), session.id)
    token = store.sharing.add(session.id, ShareTerms(), "Ada", NOON)

    app = open_app("shared", share=token, **{TABS_KEY: "Compare"})

    assert "Signed off by Ada" in page_text(app)


def make_burst(session: Session) -> None:
    store = resources.store()
    fill(session, [FIX] * 4 + [Row()] * 2)
    images = store.images.find(session.id)
    store.images.add_appearances({image.sha256: make_appearance(5) for image in images[:4]})


def test_near_duplicates_are_shown_and_can_be_split(open_app: OpenApp, session: Session) -> None:
    make_burst(session)
    app = open_app("compare", session=session.id, **{DETAIL_KEY: "Near-duplicates"})
    before = page_text(app)

    next(button for button in app.button if str(button.key).startswith("split-")).click().run()

    assert "Near-duplicates are grouped by appearance: 3 groups." in before
    assert "4 images" in before
    assert "Groups of near-duplicates were split: 4 images count alone." in page_text(app)
    assert "No near-duplicates. Every image counts for itself." in page_text(app)
    assert resources.store().audit.find(limit=1)[0].description == "Split near-duplicates"


def test_another_way_to_find_near_duplicates_is_said_to_be_uncorrected(open_app: OpenApp, session: Session) -> None:
    make_burst(session)

    text = page_text(open_app("compare", session=session.id, **{GROUPING_KEY: "Off"}))

    assert "Sign-off finds near-duplicates by appearance; here they are found otherwise." in text


def test_near_duplicates_can_be_switched_off(open_app: OpenApp, session: Session) -> None:
    make_burst(session)

    app = open_app("compare", session=session.id, **{GROUPING_KEY: "Off"})

    assert "Near-duplicates are grouped" not in page_text(app)


def test_near_duplicates_may_be_given_by_folder_or_by_time(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, name=f"{folder}/photo.jpg") for folder in ("first", "first", "second")])

    by_folder, by_time = (
        page_text(open_app("compare", session=session.id, **{GROUPING_KEY: grouping}))
        for grouping in ("By folder", "By time")
    )

    assert "Near-duplicates are grouped by folder: 2 groups." in by_folder
    assert "The capture time of 3 images is not known. Each of these is a group of its own." in by_time


def test_similar_labels_cause_a_warning_and_can_be_treated_as_the_same(open_app: OpenApp, session: Session) -> None:
    fill(session, [Row(first="cat", second="Cat")] * 20)
    app = open_app("compare", session=session.id)
    before = page_text(app)

    app.button(SAME_KEY).click().run()

    assert "v2 is worse" in before
    assert [unescape_markdown(warning.value) for warning in app.warning] == []
    assert "Treated as the same label: Cat, cat." in page_text(app)
    assert "The versions agree on all 20 images" in page_text(app)
    assert resources.store().audit.find(limit=1)[0].details == "labels treated as the same: Cat = cat"


def test_similar_labels_that_come_later_join_those_that_are_the_same(open_app: OpenApp, session: Session) -> None:
    fill(session, [Row(first="Dog", second="dog", true_label="dog"), Row(first="DOG", second="Dog", true_label="dog")])
    resources.store().reviews.change(session.id, Review(same_labels=(("Dog", "dog"),)))

    app = open_app("compare", session=session.id).button(SAME_KEY).click().run()

    assert resources.store().reviews.get(session.id).same_labels == (("DOG", "Dog", "dog"),)
    assert "The versions agree on all 2 images" in page_text(app)


def test_the_figures_of_labels_treat_them_as_the_same_too(open_app: OpenApp, session: Session) -> None:
    fill(session, [Row(first="cat", second="Cat", true_label="cat")] * 4)
    open_app("compare", session=session.id).button(SAME_KEY).click().run()

    app = open_app("compare", session=session.id, **{DETAIL_KEY: "Labels"})

    table = app.dataframe[0].value
    assert next(iter(table["Label"])) == "Cat"
    assert next(iter(table["Labeled images"])) == 4
    assert next(iter(table["Recall of v2"])).startswith("100%")


def test_a_true_label_unknown_to_a_version_is_listed(open_app: OpenApp, session: Session) -> None:
    fill(session, [Row(true_label="fox"), Row()])

    text = page_text(open_app("compare", session=session.id))

    assert "v1 does not know these true labels, and is never right there: fox." in text


def label_elsewhere(session: Session, title: str, label: str) -> None:
    """Set this true label for the first image in another session."""
    store = resources.store()
    other = store.sessions.create(title, NOON)
    (first, *_) = store.images.find(session.id)
    store.images.add(other.id, replace(make_prepared_image(), image=first), NOON)
    store.annotations.set_true_labels(other.id, [first.sha256], make_true_label(label), "Bob", NOON)


def test_labels_of_other_sessions_count_are_marked_and_can_be_kept(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, true_label=None), AGREED])
    label_elsewhere(session, "Other", "cat")
    app = open_app("compare", session=session.id)
    before = page_text(app)

    app.button(COPY_KEY).click().run()

    assert "1 of 1 disagreement labeled." in before
    assert "1 image has no true label here, but one in another session, which counts." in before
    assert "True labels of other sessions count for 1 image." in before
    assert "1 of 1 disagreement labeled." in page_text(app)
    (annotation,) = resources.store().annotations.find(session.id)
    assert (annotation.note, annotation.label) == ("From another session", CAT)


def test_after_the_sign_off_no_label_of_another_session_can_be_kept(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, true_label=None), AGREED])
    label_elsewhere(session, "Other", "cat")
    sign_off_review(resources.store(), Actor("Ada", Role.REVIEWER), session.id)

    app = open_app("compare", session=session.id)

    assert "which counts" in page_text(app)
    assert COPY_KEY not in [button.key for button in app.button]


def test_an_annotation_of_this_session_counts_instead_of_a_label_elsewhere(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, true_label="dog"), AGREED])
    label_elsewhere(session, "Other", "cat")

    text = page_text(open_app("compare", session=session.id))

    # The baseline says dog: a regression, not a fix.
    assert "v2 gets 1 fewer right (0 fixes, 1 regression)" in text
    assert "True labels of other sessions" not in text


def test_under_blind_review_no_label_of_another_session_counts(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, true_label=None), AGREED])
    label_elsewhere(session, "Other", "cat")
    resources.store().reviews.change(session.id, Review(ReviewMode.BLIND))

    (blind, _) = find_pairs(resources.store(), VersionPair(session.id, find_version("v1"), find_version("v2")))

    assert (blind.true_label, blind.is_final) == (None, False)


def test_labels_are_not_copied_if_other_sessions_disagree(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, true_label=None, name="owl.jpg"), AGREED])
    label_elsewhere(session, "Second", "cat")
    label_elsewhere(session, "Third", "dog")

    app = open_app("compare", session=session.id)

    assert "Other sessions differ on the true label of owl.jpg." in page_text(app)
    assert COPY_KEY not in [button.key for button in app.button]


def test_a_label_that_differs_from_that_of_another_session_is_named(open_app: OpenApp, session: Session) -> None:
    fill(session, [replace(FIX, name="owl.jpg"), replace(FIX, name="same.jpg")])
    label_elsewhere(session, "Other", "dog")

    text = page_text(open_app("compare", session=session.id))

    # Here, its own label counts.
    assert "Another session has a different true label for owl.jpg." in text
    assert "2 of 2 disagreements labeled." in text
