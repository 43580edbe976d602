"""Checks that everything that is stored is whole: `python -m lib check`. Changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from lib.domain.wording import format_count
from lib.errors import StoreUnreadable
from lib.store import Store
from lib.store.integrity import FaultKind, ImageFault

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """A part of the store, whether it is whole, and what was found."""

    name: str
    is_whole: bool
    finding: str


_Check: TypeAlias = Callable[[Store], tuple[list[str], str]]


def check_store(store: Store) -> Iterator[CheckedPart]:
    """Check part after part. Each is returned as soon as it is known."""
    for name, check in (("Database", _check_database), ("References", _check_references)):
        yield _check_part(name, check, store)
    yield from _check_images(store)
    yield _check_part("Audit log", _check_audit_log, store)


def _check_part(name: str, check: _Check, store: Store) -> CheckedPart:
    try:
        faults, summary = check(store)
    except StoreUnreadable as error:
        return CheckedPart(name, is_whole=False, finding=str(error))
    return CheckedPart(name, not faults, _list(faults) if faults else summary)


def _check_database(store: Store) -> tuple[list[str], str]:
    return store.integrity.find_damage(), "no damage found"


def _check_references(store: Store) -> tuple[list[str], str]:
    return store.integrity.find_broken_references(), "no row refers to a missing row"


def _check_audit_log(store: Store) -> tuple[list[str], str]:
    found = store.audit.verify()
    if found:
        return [f"entry {found.number}: {found.reason}"], ""
    latest = store.audit.find(limit=1)
    return [], f"intact; head to save: {latest[0].head}" if latest else "no entries"


def _check_images(store: Store) -> Iterator[CheckedPart]:
    try:
        count, faults = store.integrity.count_images(), store.integrity.find_image_faults()
    except StoreUnreadable as error:
        yield CheckedPart("Images", is_whole=False, finding=str(error))
        return
    found = [text for kind in (FaultKind.MISSING, FaultKind.CHANGED) if (text := _list_files(faults, kind))]
    whole = f"{format_count(count, 'image')} present, and equal to the SHA-256"
    yield CheckedPart("Images", not found, "; ".join(found) or whole)
    orphans = _list_files(faults, FaultKind.ORPHAN)
    yield CheckedPart("Image store", not orphans, orphans or "no file without an image")


def _list_files(faults: list[ImageFault], kind: FaultKind) -> str:
    names = [fault.name for fault in faults if fault.kind is kind]
    return f"{format_count(len(names), 'file')} {kind.value}: {_list(names)}" if names else ""


def _list(names: list[str]) -> str:
    more = [f"and {len(names) - _SHOWN:,} more"] if len(names) > _SHOWN else []
    return ", ".join([*names[:_SHOWN], *more])
