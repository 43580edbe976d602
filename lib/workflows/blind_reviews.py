"""Blind reviews: nobody sees predictions of the session before they have reviewed all of its images.

Every page, file and link asks here. Without sign-in it is a courtesy, because anybody may type anybody's name.
"""

from lib.errors import PredictionsHidden
from lib.store import Store

HIDDEN = "This session is under blind review. Predictions appear after you have reviewed all images."


def hides_predictions(store: Store, session_id: str, name: str) -> bool:
    """Report whether the review is blind and the person of this name has images left to review."""
    if not store.reviews.get(session_id).is_hidden:
        return False
    return store.annotations.count_reviewed(session_id).get(name, 0) < store.images.count(session_id)


def check_predictions_visible(store: Store, session_id: str, name: str) -> None:
    """Raise PredictionsHidden where the predictions of the session are hidden from the person."""
    if hides_predictions(store, session_id, name):
        raise PredictionsHidden(HIDDEN)
