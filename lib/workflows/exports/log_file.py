"""The log of who did what, as a table for spreadsheets."""

from collections.abc import Iterator

from lib.domain.deed import Deed
from lib.store import Store
from lib.workflows.exports.csv_file import BYTE_ORDER_MARK, write_line

_COLUMNS = ("at", "who", "action", "session", "about")
_AT_A_TIME = 1000


def write_log(store: Store) -> Iterator[bytes]:
    """The file in pieces, the latest line first; in the same way as sessions are written."""
    yield BYTE_ORDER_MARK + write_line(_COLUMNS)
    for offset in range(0, store.count_deeds(), _AT_A_TIME):
        yield b"".join(write_line(_cells(deed)) for deed in store.find_deeds(offset, _AT_A_TIME))


def _cells(deed: Deed) -> list[str | int | float]:
    return [f"{deed.at:%Y-%m-%dT%H:%M:%SZ}", deed.who, deed.action.value, deed.session_id, deed.about]
