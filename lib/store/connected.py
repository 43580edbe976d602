"""What all parts of the store stand on: the database and the files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVarTuple

from sqlalchemy import Connection, Row, Select
from sqlalchemy.exc import IntegrityError

from lib.errors import UnknownSession
from lib.store import queries
from lib.store.engine import open_engine, reading
from lib.store.image_files import ImageFiles

NO_SESSION = "There is no session at this address. Open one from History, or start a new one."
_Columns = TypeVarTuple("_Columns")
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class Connected:
    """A database and a place for image files. Safe to share between threads."""

    def __init__(self, database_url: str, images_url: str) -> None:
        self._engine = open_engine(database_url)
        self._reading = reading(self._engine)
        self._files = ImageFiles(images_url)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def _writing(self, session_id: str) -> Iterator[Connection]:
        """A transaction on what belongs to the session. Raises UnknownSession where it was deleted meanwhile."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            self._demand_session(session_id)
            raise

    def _demand_session(self, session_id: str) -> AnyRow:
        found = self._find(queries.SESSION, session_id=session_id)
        if not found:
            raise UnknownSession(NO_SESSION)
        return found[0]

    def _find(self, statement: Select[*_Columns], **values: Any) -> Sequence[Row[*_Columns]]:
        with self._reading.begin() as connection:
            return connection.execute(statement, values).all()

    def _count(self, statement: Select[int], **values: Any) -> int:
        with self._reading.begin() as connection:
            return connection.execute(statement, values).scalar_one()
