"""Databases of earlier releases are upgraded on PostgreSQL to the same rows as on SQLite, which other tests look at."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, create_engine, func, insert, inspect, select, text

from lib.settings import ROOT
from lib.store.engine import open_engine, reading
from lib.store.tables import METADATA
from tests.stand_ins.postgresql_server import PostgresqlServer

FILLED = {"0001": "first_release.sql", "0011": "schema_0011.sql"}
_REVISION = "alembic_version"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as server:
        yield server


def make_filled(file: Path, dump: str) -> str:
    """Write the SQLite database of a dump to the file, and return its URL."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((Path(__file__).parent / dump).read_text(encoding="utf-8"))
    return f"sqlite:///{file}"


def migrate(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "lib/store/migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def copy_rows(source: Engine, target: Engine) -> None:
    """Copy all rows to tables that are there already and empty, and go on counting behind them."""
    old, new = MetaData(), MetaData()
    old.reflect(source)
    new.reflect(target)
    with source.connect() as reader, target.begin() as writer:
        for table in new.sorted_tables:
            rows = [dict(row) for row in reader.execute(select(old.tables[table.name])).mappings()]
            if rows and table.name != _REVISION:
                writer.execute(insert(table), rows)
        for table in new.sorted_tables:
            for column in table.primary_key.columns:
                sequence = writer.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar()
                latest = writer.execute(select(func.max(column))).scalar()
                if sequence and latest:
                    writer.execute(text("SELECT setval(:sequence, :latest)"), {"sequence": sequence, "latest": latest})


def read_rows(url: str) -> dict[str, list[Any]]:
    """Return all rows of an upgraded database by table. Seeds of review orders are drawn at the upgrade."""
    engine = open_engine(url)
    with reading(engine).begin() as connection:
        found = {
            table.name: sorted(
                connection.execute(select(*(column for column in table.c if column.name != "review_seed"))).all(),
                key=repr,
            )
            for table in METADATA.sorted_tables
        }
    engine.dispose()
    return found


@pytest.mark.parametrize("revision", FILLED)
def test_an_upgrade_leaves_the_same_rows_as_on_sqlite(server: PostgresqlServer, tmp_path: Path, revision: str) -> None:
    filled = make_filled(tmp_path / "filled.db", FILLED[revision])
    url = server.url_of(server.create_database())
    source, target = create_engine(filled), create_engine(url)
    migrate(target, revision)
    copy_rows(source, target)
    source.dispose()
    target.dispose()

    upgraded = read_rows(url)

    assert upgraded == read_rows(filled)
    assert upgraded["sessions"]
    assert upgraded["matrix_rows"]


def test_the_upgraded_schema_is_that_of_the_code(server: PostgresqlServer) -> None:
    engine = open_engine(server.url_of(server.create_database()))

    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), METADATA)
        tables = inspect(connection).get_table_names()

    engine.dispose()
    assert difference == []
    assert set(tables) == {*METADATA.tables, _REVISION}
