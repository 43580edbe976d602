"""The database and the image files, as all repositories share them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVarTuple

from sqlalchemy import Connection, Row, Select
from sqlalchemy.exc import IntegrityError

from lib.errors import UnknownSession
from lib.store import queries
from lib.store.engine import open_engine, reading
from lib.store.image_files import ImageFiles
from lib.store.incoming_files import IncomingFiles
from lib.store.statement_times import time_statements

NO_SESSION = "There is no session at this address. Open one from History, or start a new one."
_Columns = TypeVarTuple("_Columns")
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class Database:
    """An engine for writing, one for reading, and folders of image files. Safe to share between threads."""

    def __init__(self, database_url: str, images_url: str) -> None:
        self.engine = open_engine(database_url)
        time_statements(self.engine)
        self.reading = reading(self.engine)
        self.files = ImageFiles(images_url)
        self.incoming_files = IncomingFiles(images_url)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def writing(self, session_id: str) -> Iterator[Connection]:
        """Open a transaction on rows of the session. Raises UnknownSession if the session was deleted meanwhile."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except IntegrityError:
            self.get_session_row(session_id)
            raise

    def get_session_row(self, session_id: str) -> AnyRow:
        """Return the row of the session. Raises UnknownSession."""
        found = self.find(queries.SESSION, session_id=session_id)
        if not found:
            raise UnknownSession(NO_SESSION)
        return found[0]

    def find(self, statement: Select[*_Columns], **values: Any) -> Sequence[Row[*_Columns]]:
        """Read the rows of a statement in a transaction of its own."""
        with self.reading.begin() as connection:
            return connection.execute(statement, values).all()

    def count(self, statement: Select[int], **values: Any) -> int:
        """Read the one number of a statement."""
        with self.reading.begin() as connection:
            return connection.execute(statement, values).scalar_one()


class Repository:
    """What is stored of one aggregate. All repositories of a store share its database."""

    def __init__(self, database: Database) -> None:
        self._database = database
