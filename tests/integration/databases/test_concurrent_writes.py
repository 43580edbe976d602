"""What many threads store at once is all there."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product

from lib.domain.matrix import RowSearch
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version

VERSIONS = (make_version("v1"), make_version("v2"))
IMAGES = [make_prepared_image(f"image {number}".encode()) for number in range(40)]


def fill(store: Store, session: Session) -> None:
    for prepared in IMAGES:
        store.images.add(session.id, prepared, NOON)
    store.predictions.add_versions(session.id, VERSIONS, NOON)


def test_predictions_of_two_versions_are_all_kept(store: Store, session: Session) -> None:
    fill(store, session)
    other = store.sessions.create("Other", NOON)
    fill(store, other)
    records = [
        make_record(prepared.image.sha256, session_id=session.id, version=version, outcome=make_prediction(cat=0.75))
        for prepared, version in product(IMAGES, VERSIONS)
    ]

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(store.predictions.add, records))

    for shown in (session, other):
        assert [counts.predictions for counts in store.predictions.find_coverage(shown.id).values()] == [40, 40]
        assert len(store.matrix.find_rows(shown.id, RowSearch(VERSIONS)).rows) == 40


def test_labels_that_are_set_while_predictions_arrive_are_all_kept(store: Store, session: Session) -> None:
    fill(store, session)

    def predict(place: int) -> None:
        for version in VERSIONS:
            record = make_record(IMAGES[place].image.sha256, session_id=session.id, version=version)
            store.predictions.add(record)

    def label(place: int) -> None:
        store.annotations.set_true_labels(session.id, [IMAGES[place].image.sha256], make_true_label("cat"), "Ada", NOON)

    with ThreadPoolExecutor(16) as threads:
        done = [threads.submit(do, place) for place in range(len(IMAGES)) for do in (predict, label)]
    [each.result() for each in done]

    rows = store.matrix.find_rows(session.id, RowSearch(VERSIONS))
    assert [row.true_label for row in rows.rows] == [make_true_label("cat")] * 40
    assert [len(row.answers) for row in rows.rows] == [2] * 40
