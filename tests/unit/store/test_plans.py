"""Every query of the pages uses an index instead of scanning a whole table of predictions."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Insert
from sqlalchemy.dialects import sqlite

from lib.domain.matrix import Filter, RowOrder, RowSearch
from lib.domain.sessions import SessionOrder, SessionSearch
from lib.store import Store, cells, queries
from lib.store.database import AnySelect
from lib.store.matrix import select_positions
from lib.store.pairs import select_pairs
from lib.store.summaries import select_summaries
from tests.builders.values import make_version

pytestmark = pytest.mark.sqlite_only

VERSIONS = (make_version("v1"), make_version("v2"))
Explain = Callable[..., list[str]]
BIG_TABLES = ("records", "matrix_cells", "matrix_rows", "session_images", "images", "answers", "baseline", "candidate")


@pytest.fixture
def explain(store: Store, tmp_path: Path) -> Iterator[Explain]:
    """Return a function that lists SQLite's query plan of a statement."""
    with closing(sqlite3.connect(tmp_path / "data" / "test.db")) as connection:

        def steps(statement: AnySelect | Insert, **values: Any) -> list[str]:
            dialect = sqlite.dialect(paramstyle="named")
            compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            rows = connection.execute(f"EXPLAIN QUERY PLAN {compiled}", compiled.construct_params(values))
            return [row[3] for row in rows]

        yield steps


def scans(steps: list[str]) -> list[str]:
    """Return the steps that scan a whole table of predictions or images."""
    return [step for step in steps if step.startswith("SCAN") and any(table in step for table in BIG_TABLES)]


SEARCHES = [
    *(RowSearch(VERSIONS, frozenset({sign})) for sign in Filter),
    *(RowSearch(VERSIONS, order=order) for order in RowOrder),
    RowSearch(VERSIONS, below=0.5, label="cat"),
]


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: f"{[*search.filters]} {search.order}")
@pytest.mark.parametrize("recorded", [(1, 2), (1, 2, 3)], ids=["all versions", "some versions"])
def test_a_page_of_the_matrix_reads_one_session_only(
    explain: Explain, search: RowSearch, recorded: tuple[int, ...]
) -> None:
    steps = explain(select_positions("session", search, (1, 2), recorded))

    assert scans(steps) == []
    assert [step for step in steps if "(session_id=?" in step]


@pytest.mark.parametrize("session_id", ["session", None])
def test_pairs_are_found_by_index(explain: Explain, session_id: str | None) -> None:
    steps = explain(select_pairs(1, 2, session_id))

    # Over all sessions one table must be read: that of a version's answers, or of the images; the rest is looked up.
    assert len(scans(steps)) == (0 if session_id else 1)


@pytest.mark.parametrize("order", [SessionOrder.LATEST, SessionOrder.OLDEST])
def test_the_list_of_sessions_by_time_needs_no_sorting(explain: Explain, order: SessionOrder) -> None:
    steps = explain(select_summaries(SessionSearch(order=order)).limit(20))

    assert [step for step in steps if "TEMP B-TREE" in step] == []


@pytest.mark.parametrize(
    "statement",
    [
        queries.SESSION,
        queries.IMAGES,
        queries.IMAGE_COUNT,
        queries.SESSION_VERSIONS,
        queries.SESSION_VERSION_IDS,
        queries.UNPREDICTED,
    ],
)
def test_queries_of_every_page_use_an_index(explain: Explain, statement: AnySelect) -> None:
    bound = statement.params(session_id="s", version_id=1, offset=0, limit=12)

    assert scans(explain(bound)) == []


def test_a_version_that_is_new_to_a_session_reads_that_session_only(explain: Explain) -> None:
    steps = explain(cells.ADD_CELLS_OF_VERSION, its_session="s", its_version=1)

    assert scans(steps) == []
