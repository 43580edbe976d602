"""Old sessions are deleted unless they are in use or signed off."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from lib.domain.annotations import Annotation, AnnotationStatus
from lib.domain.reviews import Review, ReviewStatus
from lib.domain.sessions import Session
from lib.store import Store
from lib.workflows.retention import DailyCleanup, delete_expired
from tests.builders.databases import make_database
from tests.builders.pairs import make_true_label
from tests.builders.values import make_prepared_image, make_record

NOW = datetime.now(UTC)
LONG_AGO, LATELY = NOW - timedelta(days=100), NOW - timedelta(days=10)
SHA256 = make_prepared_image().image.sha256


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(make_database(tmp_path / "second-look.db"), str(tmp_path / "images"))
    yield store
    store.close()


@pytest.fixture
def old(store: Store) -> Session:
    """An old session with one image predicted by one version."""
    session = store.sessions.create("Old", LONG_AGO, "Ada")
    store.images.add(session.id, make_prepared_image(), LONG_AGO)
    store.predictions.add(make_record(SHA256, session_id=session.id, requested_at=LONG_AGO))
    return session


def titles(store: Store) -> list[str]:
    return [summary.session.title for summary in store.sessions.find()]


def test_an_unused_session_is_deleted_with_its_images(store: Store, old: Session) -> None:
    said = delete_expired(store, 90, NOW)

    assert said == [f"{old.id}  Old  (created {LONG_AGO:%Y-%m-%d} by Ada, 1 image, 1 in no other session)"]
    assert titles(store) == []
    with pytest.raises(FileNotFoundError):
        store.images.get_content(SHA256)


def test_each_deletion_is_recorded_with_the_scheduler_as_actor(store: Store, old: Session) -> None:
    delete_expired(store, 90, NOW)

    (entry,) = store.audit.find()
    assert (entry.actor, entry.action, entry.session_id) == ("retention", "DELETE_SESSION", old.id)
    assert entry.details == "Old, 1 image"


def test_a_recent_session_is_kept(store: Store, old: Session) -> None:
    assert delete_expired(store, 101, NOW) == []
    assert titles(store) == [old.title]


def add_image(store: Store, session: Session) -> None:
    store.images.add(session.id, make_prepared_image(b"another"), LATELY)


def ask_again(store: Store, session: Session) -> None:
    other = make_prepared_image(b"another")
    store.images.add(session.id, other, LONG_AGO)
    store.predictions.add(make_record(other.image.sha256, session_id=session.id, requested_at=LATELY))


def annotate(store: Store, session: Session) -> None:
    store.annotations.add(
        session.id, Annotation(SHA256, "Ada", AnnotationStatus.LABELED, make_true_label("cat"), LATELY)
    )


def sign_off(store: Store, session: Session) -> None:
    store.reviews.change(session.id, Review(status=ReviewStatus.DONE, signed_off_by="Ada", signed_off_at=LONG_AGO))


@pytest.mark.parametrize("use", [add_image, ask_again, annotate, sign_off])
def test_a_recently_used_or_signed_off_session_is_kept(
    store: Store, old: Session, use: Callable[[Store, Session], None]
) -> None:
    use(store, old)

    assert delete_expired(store, 90, NOW) == []
    assert titles(store) == ["Old"]


def test_an_archived_session_is_deleted(store: Store, old: Session) -> None:
    store.sessions.archive(old.id, LONG_AGO)

    assert len(delete_expired(store, 90, NOW)) == 1


def test_an_image_of_a_recent_session_is_kept(store: Store, old: Session) -> None:
    young = store.sessions.create("Young", LATELY)
    store.images.add(young.id, make_prepared_image(), LATELY)

    delete_expired(store, 90, NOW)

    assert titles(store) == ["Young"]
    assert store.images.get_content(SHA256) == b"pixels"


def test_image_files_that_a_killed_process_left_behind_are_deleted_after_an_hour(
    store: Store, old: Session, tmp_path: Path
) -> None:
    orphan = "ab" + "0" * 62
    folder = tmp_path / "images" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    for name in (orphan, f"{orphan}.webp"):
        (folder / name).write_bytes(b"pixels")

    early = store.images.delete_orphans(NOW + timedelta(minutes=50))
    late = store.images.delete_orphans(NOW + timedelta(hours=2))

    assert (early, late) == (0, 1)
    assert list(folder.iterdir()) == []
    assert store.images.get_content(SHA256) == b"pixels"
    assert store.sessions.get(old.id).image_count == 1


def test_the_scheduler_runs_at_startup_and_repeatedly_and_survives_a_failure() -> None:
    calls: list[int] = []
    enough = Event()

    def delete() -> list[str]:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the disk is away")
        enough.set()
        return ["a session"]

    retention = DailyCleanup(delete, every_s=0.01)

    assert enough.wait(10)
    retention.stop()
