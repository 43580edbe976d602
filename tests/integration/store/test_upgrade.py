"""A database of the first release is upgraded without loss."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, event

from lib.domain.audit import AuditEvent
from lib.domain.matrix import Filter, RowSearch
from lib.domain.pairs import PredictionSummary
from lib.domain.permissions import Action
from lib.domain.predictions import Failure, ModelVersion, Prediction
from lib.domain.sessions import RejectedFile
from lib.settings import ROOT
from lib.store import Store
from lib.store.tables import METADATA
from tests.builders.values import NOON, make_version

DUMP = Path(__file__).parent / "first_release.sql"
CAT, DOG, OWL = (hashlib.sha256(name.encode()).hexdigest() for name in ("cat", "dog", "owl"))
V1, V2 = make_version("v1"), make_version("v2")
PARTS = make_version("p1", family="parts")
EARLIER, LATER = "2026-11-23 11:00:00.000000", "2026-11-23 14:00:00.000000"  # than what the dump has


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database as the first release wrote it."""
    path = tmp_path / "first.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return path


@pytest.fixture
def upgraded(database: Path, tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{database}", str(tmp_path / "images"))
    yield store
    store.close()


def test_an_upgrade_keeps_sessions_images_and_rejected_files(upgraded: Store) -> None:
    images = upgraded.images.find("birds-000001")

    assert [image.name for image in images] == ["cat.jpg", "dog.jpg", "owl.jpg"]
    assert {image.steps for image in images} == {("Turned upright, as the camera noted",)}
    assert upgraded.images.find_rejected_files("birds-000001") == [RejectedFile("notes.txt", "Not an image.")]
    assert [summary.session.title for summary in upgraded.sessions.find()] == ["Empty", "Birds"]


def test_an_upgrade_keeps_every_score_and_failure(upgraded: Store) -> None:
    found = {
        (record.sha256, record.version): record.outcome
        for record in upgraded.predictions.find([CAT, DOG, OWL], [V1, V2])
    }

    labels = ("cat", "dog", "owl")
    assert found == {
        (CAT, V1): Prediction(labels, (0.75, 0.125, 0.125)),
        (DOG, V1): Prediction(labels, (0.75, 0.125, 0.125)),
        (OWL, V1): Prediction(labels, (0.75, 0.125, 0.125)),
        (CAT, V2): Prediction((), ()),
        (DOG, V2): Prediction(labels, (0.25, 0.5, 0.25)),
        (OWL, V2): Failure("Busy."),
    }


def test_the_matrix_and_summary_of_old_predictions_are_correct(upgraded: Store) -> None:
    rows = upgraded.matrix.find_rows("birds-000001", RowSearch((V1, V2))).rows
    differing = upgraded.matrix.find_rows("birds-000001", RowSearch((V1, V2), frozenset({Filter.DISAGREE})))
    (_, birds) = upgraded.sessions.find()

    top = PredictionSummary("cat", 0.75, 0.125)
    assert [row.answers for row in rows] == [
        (top, PredictionSummary(None, 0.0, 0.125)),
        (top, PredictionSummary("dog", 0.5, 0.125)),
        (top, Failure("Busy.")),
    ]
    assert [row.image.sha256 for row in differing.rows] == [CAT, DOG]
    assert (birds.version_count, birds.compared, birds.agreeing, birds.reviewed) == (2, 2, 0, 0)


def test_an_upgraded_schema_matches_the_code(upgraded: Store, database: Path) -> None:
    engine = create_engine(f"sqlite:///{database}")

    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), METADATA)

    engine.dispose()
    assert difference == []


def test_an_upgrade_summarizes_predictions_in_several_batches(database: Path, tmp_path: Path) -> None:
    scores = np.array([0.25, 0.75], "<f4").tobytes()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO label_sets VALUES (9, 'two', ?)", (json.dumps(["cat", "dog"]),))
        for place in range(2500):
            sha256 = hashlib.sha256(b"%d" % place).hexdigest()
            connection.execute("INSERT INTO images VALUES (?, 'image/jpeg', 1, 1, 1)", (sha256,))
            connection.execute(
                "INSERT INTO session_images (session_id, sha256, name, steps, added_at)"
                " VALUES ('empty-000001', ?, 'a.jpg', '[]', '2026-11-23 12:00:00.000000')",
                (sha256,),
            )
            connection.execute(
                "INSERT INTO records VALUES (?, 1, 'empty-000001', '2026-11-23 12:00:00.000000', 0.125, 9, ?, NULL)",
                (sha256, scores),
            )

    store = Store(f"sqlite:///{database}", str(tmp_path / "images"))

    assert store.matrix.find_rows("empty-000001", RowSearch((V1,), below=0.8)).total == 2500
    store.close()


def add_session(connection: sqlite3.Connection, session_id: str, *sha256s: str, added_at: str = LATER) -> None:
    """Add a session of the first release with these images."""
    connection.execute("INSERT INTO sessions (id, title, created_at) VALUES (?, ?, ?)", (session_id, session_id, LATER))
    for sha256 in sha256s:
        connection.execute(
            "INSERT INTO session_images (session_id, sha256, name, steps, added_at) VALUES (?, ?, 'a.jpg', '[]', ?)",
            (session_id, sha256, added_at),
        )


def add_other_family(connection: sqlite3.Connection, requested_at: str = EARLIER) -> None:
    """Add another session with predictions of another family for the cat and the dog."""
    connection.execute(
        "INSERT INTO versions VALUES (7, 'built-in', 'projects/p/locations/eu/models/ICNp1', '1', 'parts', 'p1')"
    )
    add_session(connection, "parts", CAT, DOG)
    for sha256 in (CAT, DOG):
        connection.execute(
            "INSERT INTO records VALUES (?, 7, 'parts', ?, 0.125, 1, X'0000403F0000003E0000003E', NULL)",
            (sha256, requested_at),
        )


def migrate(database: Path, revision: str) -> None:
    """Migrate the database to an earlier release."""
    engine = create_engine(f"sqlite:///{database}")
    config = Config()
    config.set_main_option("script_location", str(ROOT / "lib/store/migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def upgrade(connection: sqlite3.Connection, folder: Path) -> Store:
    connection.commit()
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    return Store(f"sqlite:///{path}", str(folder / "images"))


def test_an_upgrade_separates_families_that_predicted_one_image(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        add_other_family(connection)

        store = upgrade(connection, tmp_path)

    rows = store.matrix.find_rows("birds-000001", RowSearch((V1, V2, PARTS), frozenset({Filter.DISAGREE})))
    counts = {summary.session.id: summary.version_count for summary in store.sessions.find()}
    assert store.predictions.find_versions("birds-000001") == [V1, V2]
    assert store.predictions.find_versions("parts") == [PARTS]
    assert [row.image.sha256 for row in rows.rows] == [CAT, DOG]
    assert counts == {"birds-000001": 2, "parts": 1, "empty-000001": 0}
    assert store.matrix.find_rows("parts", RowSearch((PARTS,), label="dog")).total == 0
    store.close()


def test_an_old_session_with_complete_predictions_keeps_their_versions(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        add_session(connection, "again", CAT, OWL)

        store = upgrade(connection, tmp_path)

    assert store.predictions.find_versions("again") == [V1, V2]
    assert store.matrix.find_rows("again", RowSearch((V1, V2))).total == 2
    store.close()


def test_an_old_session_gets_no_predictions_made_after_it(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        add_session(connection, "before", CAT, added_at="2026-11-22 12:00:00.000000")

        store = upgrade(connection, tmp_path)

    assert store.predictions.find_versions("before") == []
    (row,) = store.matrix.find_rows("before", RowSearch((V1,))).rows
    assert row.answers == (None,)
    store.close()


def test_an_old_session_without_evidence_of_versions_gets_none(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        add_other_family(connection)
        add_session(connection, "unclear", CAT, DOG)

        store = upgrade(connection, tmp_path)

    assert store.predictions.find_versions("unclear") == []
    store.close()


def test_the_audit_log_shows_which_predictions_an_old_session_reused(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        add_other_family(connection)
        add_session(connection, "parts again", CAT, DOG)
        add_session(connection, "birds again", CAT, DOG)
        connection.commit()
        migrate(database, "0009")
        connection.executemany(
            "INSERT INTO deeds (at, who, action, session_id, about) VALUES (?, '', ?, ?, ?)",
            [
                (LATER, "PREDICT", "parts again", "2 files, p1"),
                (LATER, "PREDICT", "birds again", "what was missing, v1 and v2"),
                (LATER, "DELETE", "birds again", "2 files, p1"),
            ],
        )

        store = upgrade(connection, tmp_path)

    assert store.predictions.find_versions("parts again") == [PARTS]
    assert store.predictions.find_versions("birds again") == [V1, V2]
    store.close()


@pytest.mark.parametrize(("line", "found"), [("2 files, v1 and v2", [V2, V1]), ("1 file, v2", [V2])])
def test_a_version_named_in_the_audit_log_stays_in_its_session(
    database: Path, tmp_path: Path, line: str, found: list[ModelVersion]
) -> None:
    with closing(sqlite3.connect(database)) as connection:
        add_session(connection, "mixed", CAT, DOG)
        connection.execute("UPDATE records SET session_id = 'mixed' WHERE sha256 = ? AND version_id = 2", (CAT,))
        connection.commit()
        migrate(database, "0009")
        connection.execute(
            "INSERT INTO deeds (at, who, action, session_id, about) VALUES (?, '', 'PREDICT', 'mixed', ?)",
            (LATER, line),
        )

        store = upgrade(connection, tmp_path)

    assert set(store.predictions.find_versions("mixed")) == set(found)
    store.close()


def test_an_older_audit_log_becomes_a_chain_in_its_order(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        _upgrade_to(connection, database, "0008")
        with connection:
            connection.executemany(
                "INSERT INTO deeds VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (3, "2026-11-23 12:00:00.000000", "Ada", "JUDGE", "birds-000001", "correct"),
                    (7, "2026-11-23 12:00:01.500000", "", "DELETE", "birds-000001", "Birds, 3 images"),
                ],
            )

    store = Store(f"sqlite:///{database}", str(tmp_path / "images"))

    assert store.audit.verify() is None
    assert [(entry.number, entry.at, entry.actor, entry.action, entry.details) for entry in store.audit.find()] == [
        (2, "2026-11-23T12:00:01.500000+00:00", "", "DELETE_SESSION", "Birds, 3 images"),
        (1, "2026-11-23T12:00:00.000000+00:00", "Ada", "ANNOTATE", "correct"),
    ]
    store.audit.record(AuditEvent(NOON, "Ada", Action.SIGN_IN))
    assert store.audit.verify() is None
    store.close()


def _upgrade_to(connection: sqlite3.Connection, database: Path, revision: str) -> None:
    """Leave the database as the release with this migration had it."""
    connection.commit()
    config = Config()
    config.set_main_option("script_location", str(ROOT / "lib/store/migrations"))
    engine = create_engine(f"sqlite:///{database}")
    event.listen(engine, "connect", lambda raw, _: raw.create_function("lower", 1, str.lower))
    with engine.begin() as upgrading:
        config.attributes["connection"] = upgrading
        command.upgrade(config, revision)
    engine.dispose()
