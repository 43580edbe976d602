"""Statements are counted in the figures, and those that fail."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lib.store import Store
from lib.store.database import Database
from tests.builders.figures import read_figure
from tests.builders.values import NOON

COUNT, SUM = "second_look_database_seconds_count", "second_look_database_seconds_sum"


def test_statements_are_counted_with_their_time(store: Store) -> None:
    before = [read_figure(COUNT, statement="insert"), read_figure(SUM, statement="insert")]

    store.sessions.create("Birds", NOON)

    assert read_figure(COUNT, statement="insert") == before[0] + 1
    assert read_figure(SUM, statement="insert") > before[1]


def test_statements_that_fail_are_counted_as_errors(store: Store, database_url: str) -> None:
    database = Database(database_url, "memory://errors")
    before = [read_figure("second_look_database_errors_total"), read_figure(COUNT, statement="delete")]

    with pytest.raises(DBAPIError), database.engine.begin() as connection:
        connection.execute(text("DELETE FROM nothing"))
    database.close()

    assert read_figure("second_look_database_errors_total") == before[0] + 1
    assert read_figure(COUNT, statement="delete") == before[1]
