"""Checks of the store find what is at fault, in either database."""

from pathlib import Path

from sqlalchemy import create_engine, text

from lib.store import Store
from lib.store.integrity import FaultKind, ImageFault
from tests.builders.full_store import IMAGE_COUNT, fill_store


def test_a_whole_store_has_no_faults(store: Store) -> None:
    fill_store(store)

    assert store.integrity.count_images() == IMAGE_COUNT
    assert store.integrity.find_damage() == []
    assert store.integrity.find_broken_references() == []
    assert store.integrity.find_image_faults() == []


def test_rows_without_the_rows_that_they_refer_to_are_counted(store: Store, database_url: str) -> None:
    fill_store(store)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("DELETE FROM label_sets"))
    engine.dispose()

    found = store.integrity.find_broken_references()

    assert found == ["probe_results to label_sets: 1", f"records to label_sets: {IMAGE_COUNT}"]


def test_images_at_fault_are_found_by_the_database_rows(store: Store, tmp_path: Path) -> None:
    first, second, *_ = sorted(fill_store(store))
    (tmp_path / "data/images" / first[:2] / f"{first}.webp").unlink()
    (tmp_path / "data/images" / second[:2] / second).write_bytes(b"another image")
    (tmp_path / "data/images" / first[:2] / "stray").write_bytes(b"left behind")

    faults = set(store.integrity.find_image_faults())

    assert faults == {
        ImageFault(FaultKind.MISSING, f"{first}.webp"),
        ImageFault(FaultKind.CHANGED, second),
        ImageFault(FaultKind.ORPHAN, "stray"),
    }
