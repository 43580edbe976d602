"""Blind reviews: nobody sees predictions of the session before they have reviewed all of its images.

Every page, file and link asks here. Without sign-in it is a courtesy, because anybody may type anybody's name.
"""

from lib.domain.annotations import find_latest
from lib.errors import PredictionsHidden
from lib.store import Store

HIDDEN = "This session is under blind review. Predictions appear after you have reviewed all images."


def hides_predictions(store: Store, session_id: str, name: str) -> bool:
    """Report whether the review is blind and the person of this name has images left to review."""
    review = store.reviews.get(session_id)
    if not review.is_hidden:
        return False
    own = review.assignment.find_images(store.reviews.find_places(session_id), name)
    return bool(own - find_reviewed(store, session_id, name))


def find_reviewed(store: Store, session_id: str, name: str) -> set[str]:
    """Return the images that the person has reviewed."""
    latest = find_latest(store.annotations.find(session_id))
    return {sha256 for sha256, reviewer in latest if reviewer == name}


def check_predictions_visible(store: Store, session_id: str, name: str) -> None:
    """Raise PredictionsHidden where the predictions of the session are hidden from the person."""
    if hides_predictions(store, session_id, name):
        raise PredictionsHidden(HIDDEN)
