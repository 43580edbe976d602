"""Images of a session, and their bytes."""

from pathlib import Path

import pytest

from lib.domain.sessions import Arrival, Session
from lib.store import Store
from lib.store.image_files import ImageFiles
from tests.builders.values import NOON, make_prepared_image
from tests.unit.conftest import OpenStore


def repr_start(name: str) -> str:
    return ascii(name)[:12]


def test_an_image_survives_a_restart(open_store: OpenStore) -> None:
    store = open_store()
    session = store.sessions.create("Birds", NOON)
    prepared = make_prepared_image(b"pixels", name="robin.heic", steps=("Converted from HEIC to JPEG",))

    store.images.add(session.id, prepared, NOON)

    assert open_store().images.get_prepared(session.id, prepared.image.sha256) == prepared
    assert open_store().images.get_thumbnail(prepared.image.sha256) == prepared.thumbnail


def test_the_same_bytes_are_one_image_under_their_first_name(store: Store, session: Session) -> None:
    first = store.images.add(session.id, make_prepared_image(b"same", name="first.jpg"), NOON)
    second = store.images.add(session.id, make_prepared_image(b"same", name="second.jpg"), NOON)

    assert (first, second) == (Arrival.NEW, Arrival.PRESENT)
    assert [image.name for image in store.images.find(session.id)] == ["first.jpg"]


def test_two_sessions_may_have_the_same_image_under_different_names(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    store.images.add(session.id, make_prepared_image(b"same", name="mine.jpg"), NOON)
    arrival = store.images.add(other.id, make_prepared_image(b"same", name="yours.jpg"), NOON)

    assert arrival is Arrival.KNOWN
    assert [image.name for image in store.images.find(other.id)] == ["yours.jpg"]


def test_images_are_listed_in_the_order_added(store: Store, session: Session) -> None:
    names = [f"{place}.jpg" for place in (3, 1, 2, 5, 4)]
    _ = [store.images.add(session.id, make_prepared_image(name.encode(), name=name), NOON) for name in names]

    page = store.images.find(session.id, offset=1, limit=3)

    assert [image.name for image in page] == ["1.jpg", "2.jpg", "5.jpg"]
    assert store.images.count(session.id) == 5


@pytest.mark.parametrize(
    "name", ["🐦" * 100, "<b>bold</b>.jpg", "x" * 10_000, "'; DROP TABLE images; --", "a\nb"], ids=repr_start
)
def test_an_unusual_name_round_trips(store: Store, session: Session, name: str) -> None:
    store.images.add(session.id, make_prepared_image(name=name), NOON)

    assert store.images.find(session.id)[0].name == name


def test_unstorable_characters_in_a_name_are_replaced(store: Store, session: Session) -> None:
    store.images.add(session.id, make_prepared_image(name="nul\0 half\ud800.jpg"), NOON)

    assert store.images.find(session.id)[0].name == "nul\ufffd half?.jpg"


def test_an_image_of_another_session_is_not_found(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    prepared = make_prepared_image()
    store.images.add(other.id, prepared, NOON)

    with pytest.raises(LookupError):
        store.images.get_prepared(session.id, prepared.image.sha256)


def test_no_unfinished_file_is_left_beside_the_images(store: Store, session: Session, tmp_path: Path) -> None:
    prepared = make_prepared_image()

    store.images.add(session.id, prepared, NOON)
    store.images.add(session.id, prepared, NOON)

    files = {path.name for path in (tmp_path / "data" / "images").rglob("*") if path.is_file()}
    assert files == {prepared.image.sha256, f"{prepared.image.sha256}.webp"}


@pytest.mark.parametrize("suffix", ["", ".webp"], ids=["content", "thumbnail"])
def test_a_truncated_file_is_written_again(store: Store, session: Session, tmp_path: Path, suffix: str) -> None:
    prepared = make_prepared_image()
    store.images.add(session.id, prepared, NOON)
    (kept,) = (tmp_path / "data" / "images").rglob(f"{prepared.image.sha256}{suffix}")
    kept.write_bytes(b"cut")

    store.images.add(session.id, prepared, NOON)

    assert store.images.get_prepared(session.id, prepared.image.sha256) == prepared


def test_a_complete_file_is_not_written_again(store: Store, session: Session, tmp_path: Path) -> None:
    prepared = make_prepared_image()
    store.images.add(session.id, prepared, NOON)
    (kept,) = (tmp_path / "data" / "images").rglob(prepared.image.sha256)
    before = kept.stat().st_ino

    store.images.add(session.id, prepared, NOON)

    assert kept.stat().st_ino == before


def test_images_can_be_stored_at_a_file_url(tmp_path: Path) -> None:
    files = ImageFiles(f"file://{tmp_path}/new/images")

    files.put("ab12", b"content", b"thumbnail")

    assert (tmp_path / "new" / "images" / "ab" / "ab12").read_bytes() == b"content"


def test_images_can_be_stored_on_any_fsspec_file_system() -> None:
    files = ImageFiles("memory://second-look/images")

    files.put("ab12", b"content", b"thumbnail")

    assert (files.get_content("ab12"), files.get_thumbnail("ab12")) == (b"content", b"thumbnail")
