"""Steps of a review in the browser."""

from playwright.sync_api import Locator, Page, expect

from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.review.early_keys import UNSEEN_S
from tests.browser.streamlit_page import open_page, rerun


def open_review(page: Page, session: Session, reviewer: str) -> None:
    open_page(page, f"/review?session={session.id}")
    name = page.get_by_label("Reviewer name")
    name.fill(reviewer)
    with rerun(page):
        name.press("Enter")
    expect(picture(page)).to_be_visible()
    page.mouse.click(700, 20)  # the keys are for the page, not for a field


def picture(page: Page) -> Locator:
    return page.locator("img.reviewed")


def press(page: Page, key: str) -> None:
    # An earlier key judges nothing: nobody has looked at the image.
    page.wait_for_timeout(UNSEEN_S * 1000)
    with rerun(page):
        page.keyboard.press(key)


def press_all(page: Page, keys: str) -> None:
    for key in keys:
        press(page, key)


def hold(page: Page, key: str) -> None:
    """Hold a key down for a second, in which the browser repeats it."""
    for _ in range(20):
        page.keyboard.down(key)
        page.wait_for_timeout(50)
    page.keyboard.up(key)


def count_disagreements(store: Store, session: Session) -> int:
    versions = store.predictions.find_versions(session.id)
    return sum(item.differs for item in store.reviews.find_queue(session.id, versions))
