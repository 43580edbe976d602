"""A database at migration 0011, filled by the code of that time, is upgraded without loss."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from lib.domain.annotations import Annotation, AnnotationStatus, GroundTruthRule
from lib.domain.assignment import Assignment
from lib.domain.audit import AuditEvent
from lib.domain.matrix import Filter, RowSearch
from lib.domain.pairs import PredictionSummary, VersionPair
from lib.domain.people import ApiToken
from lib.domain.permissions import Action
from lib.domain.predictions import Coverage, Failure, Prediction, ProbeResult
from lib.domain.reviews import Review, ReviewMode, ReviewStatus
from lib.domain.sessions import RejectedFile, SessionSearch, Share
from lib.errors import ReviewDone
from lib.settings import ROOT
from lib.store import Store
from lib.store.tables import METADATA
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_version

DUMP = Path(__file__).parent / "schema_0011.sql"
CAT, DOG, OWL = (hashlib.sha256(name.encode()).hexdigest() for name in ("cat", "dog", "owl"))
V1, V2 = make_version("v1"), make_version("v2")
PARTS = make_version("p1", family="parts", provider="vertex")
BIRDS, SIGNED, ARCHIVED = (f"{number:018x}" for number in (1, 2, 3))
LABELS = ("cat", "dog", "owl")
# The tokens of the dump were drawn from a counter, not at random.
LINK, API_TOKEN = f"{10:048x}", f"{12:048x}"
# Tables that have another name since, by today's.
RENAMED = {
    "session_coverage": "session_versions",
    "session_versions": "session_asked",
    "rejected_files": "refusals",
    "annotations": "verdicts",
    "review_settings": "reviews",
    "probe_results": "trials",
}


def after(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "filled.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return path


@pytest.fixture
def upgraded(database: Path, tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{database}", str(tmp_path / "images"))
    yield store
    store.close()


def count_rows(database: Path) -> dict[str, int]:
    """Return the number of rows of each table."""
    with closing(sqlite3.connect(database)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608


def test_an_upgrade_keeps_every_row_of_every_table(database: Path, tmp_path: Path) -> None:
    before = count_rows(database)

    Store(f"sqlite:///{database}", str(tmp_path / "images")).close()

    counts = count_rows(database)
    assert all(before.values())
    # How often a verdict was read no longer matters: it may be read after every label.
    del before["verdict_readings"]
    added = {"jobs": 0, "job_files": 0}
    assert {RENAMED.get(name, name): count for name, count in counts.items()} == before | added


def test_the_tables_are_those_of_the_code_and_every_reference_holds(upgraded: Store, database: Path) -> None:
    engine = create_engine(f"sqlite:///{database}")

    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), METADATA)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        faults = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()

    engine.dispose()
    assert (difference, broken, faults) == ([], [], ["ok"])


def test_sessions_keep_their_titles_creators_and_counts(upgraded: Store) -> None:
    signed, birds = upgraded.sessions.find()
    (archived,) = upgraded.sessions.find(SessionSearch(archived=True))

    assert [(each.session.id, each.session.title, each.session.created_by) for each in (birds, signed, archived)] == [
        (BIRDS, "Birds", "Ada"),
        (SIGNED, "Signed off", "Bo"),
        (ARCHIVED, "Archived", ""),
    ]
    assert (birds.version_count, birds.compared, birds.agreeing, birds.reviewed) == (2, 2, 1, 2)
    assert birds.session.image_count == 3


def test_images_keep_their_order_and_rejected_files_their_reasons(upgraded: Store) -> None:
    images = upgraded.images.find(BIRDS)

    assert [image.sha256 for image in images] == [CAT, DOG, OWL]
    assert {image.steps for image in images} == {("Turned upright, as the camera noted",)}
    assert upgraded.images.find_without_appearance([CAT, DOG, OWL]) == [CAT, DOG, OWL]
    assert upgraded.images.find_rejected_files(BIRDS) == [RejectedFile("notes.txt", "Not an image.")]


def test_every_prediction_and_failure_is_kept(upgraded: Store) -> None:
    records = upgraded.predictions.find([CAT, DOG, OWL], [V1, V2, PARTS])

    assert {(record.sha256, record.version): record.outcome for record in records} == {
        (CAT, V1): Prediction(LABELS, (0.75, 0.125, 0.125)),
        (CAT, V2): Prediction(LABELS, (0.5, 0.25, 0.25)),
        (DOG, V1): Prediction(LABELS, (0.75, 0.25, 0.0)),
        (DOG, V2): Prediction(LABELS, (0.25, 0.5, 0.25), truncated=True),
        (OWL, V1): Prediction(LABELS, (0.5, 0.25, 0.25)),
        (OWL, V2): Failure("Busy."),
        (CAT, PARTS): Prediction(LABELS, (0.125, 0.75, 0.125)),
    }
    assert upgraded.predictions.has_truncated(V2)
    assert not upgraded.predictions.has_truncated(V1)


def test_each_session_shows_its_own_versions(upgraded: Store) -> None:
    assert upgraded.predictions.find_coverage(BIRDS) == {V1: Coverage(3, 0), V2: Coverage(2, 1)}
    assert upgraded.predictions.find_coverage(SIGNED) == {PARTS: Coverage(1, 0)}
    assert [image.sha256 for image in upgraded.predictions.find_failed(BIRDS, V2)] == [OWL]


def test_the_matrix_is_filtered_as_before(upgraded: Store) -> None:
    rows = upgraded.matrix.find_rows(BIRDS, RowSearch((V1, V2))).rows
    fixes = upgraded.matrix.find_rows(BIRDS, RowSearch((V1, V2), frozenset({Filter.FIX}))).rows
    named = upgraded.matrix.find_rows(BIRDS, RowSearch((V1, V2), label="DOG")).rows

    assert rows[1].answers == (PredictionSummary("cat", 0.75, 0.125), PredictionSummary("dog", 0.5, 0.125))
    assert [row.image.sha256 for row in fixes] == [DOG]
    assert [row.image.sha256 for row in named] == [DOG]


def test_annotations_keep_their_order_notes_and_what_was_visible(upgraded: Store) -> None:
    status = AnnotationStatus
    visible = ("v1: cat 0.75", "v2: cat 0.50")

    assert upgraded.annotations.find(BIRDS) == [
        Annotation(CAT, "Ada", status.LABELED, make_true_label("cat"), after(10), "Whiskers: “yes”", visible),
        Annotation(DOG, "Ada", status.LABELED, make_true_label("dog"), after(11)),
        Annotation(DOG, "Bo", status.UNSURE, None, after(12), "Blurred"),
        Annotation(OWL, "Ada", status.LABELED, make_true_label("owl"), after(13)),
        Annotation(OWL, "Ada", status.WITHDRAWN, None, after(14)),
        Annotation(DOG, "Cleo", status.LABELED, make_true_label("dog"), after(15), resolves=True),
    ]
    assert upgraded.annotations.count_reviewed(BIRDS) == {"Ada": 2, "Bo": 1}
    assert [upgraded.annotations.find_true_label(BIRDS, sha256) for sha256 in (CAT, DOG, OWL)] == [
        make_true_label("cat"),
        make_true_label("dog"),
        None,
    ]


def test_review_settings_and_sign_off_are_kept(upgraded: Store) -> None:
    assert upgraded.reviews.get(BIRDS) == Review(
        ReviewMode.BLIND, GroundTruthRule.MAJORITY, ReviewStatus.IN_REVIEW, note="Twice each"
    )
    assert upgraded.reviews.get(SIGNED) == Review(
        ReviewMode.CHOOSE, GroundTruthRule.RESOLVED, ReviewStatus.DONE, 0, 0, "Done", "Bo", after(18)
    )
    with pytest.raises(ReviewDone):
        upgraded.annotations.set_true_labels(SIGNED, [CAT], make_true_label("dog"), "Ada", after(60))


def test_probe_results_are_kept(upgraded: Store) -> None:
    results = upgraded.probes.find(BIRDS, [CAT, DOG], [V1, V2])

    assert sorted(results, key=lambda result: result.latency_s) == results
    assert {result.perturbation: result for result in results} == {
        "rotate:5": ProbeResult(BIRDS, CAT, V1, "rotate:5", after(30), 0.25, Prediction(LABELS, (0.5, 0.25, 0.25))),
        "blur:2": ProbeResult(BIRDS, CAT, V1, "blur:2", after(30), 0.25, Failure("Busy.")),
    }


def test_pairs_are_kept_and_their_labels_count_in_the_first_batch(upgraded: Store) -> None:
    cat, dog = upgraded.pairs.find(VersionPair(BIRDS, V1, V2))

    # What images look like is found out anew, with gray levels beside the hash.
    assert (cat.sha256, cat.true_label, cat.appearance) == (CAT, make_true_label("cat"), None)
    assert (dog.sha256, dog.true_label, dog.appearance, dog.candidate.true_label_score) == (
        DOG,
        make_true_label("dog"),
        None,
        0.5,
    )
    assert [(pair.is_final, pair.final_in_batch, pair.place.batch) for pair in (cat, dog)] == [(True, 0, 0)] * 2


def test_versions_are_numbered_in_the_order_in_which_the_store_came_to_know_them(upgraded: Store) -> None:
    assert upgraded.predictions.find_numbers(BIRDS) == {V1: 0, V2: 1}


def test_the_assignment_of_images_to_reviewers_is_kept(database: Path, tmp_path: Path) -> None:
    migrate(database, "0016")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            """UPDATE review_settings SET dealing = '{"reviewers": ["Ada", "Bo"], "words": 2}' WHERE session_id = ?""",
            [BIRDS],
        )
        connection.commit()

    store = Store(f"sqlite:///{database}", str(tmp_path / "images"))

    assert store.reviews.get(BIRDS).assignment == Assignment(("Ada", "Bo"), reviewers_per_image=2)
    assert store.reviews.get(SIGNED).assignment == Assignment()
    store.close()


def migrate(database: Path, revision: str) -> None:
    """Bring the database to an older schema than today's."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "lib/store/migrations"))
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_must_not_regress_sets_are_empty_after_the_upgrade(upgraded: Store) -> None:
    before = upgraded.images.find_must_not_regress(BIRDS)

    upgraded.images.set_must_not_regress(BIRDS, [CAT], marked=True)

    assert not before
    assert upgraded.images.find_must_not_regress(BIRDS) == {CAT}


def test_share_links_still_open_their_sessions(upgraded: Store) -> None:
    revoked, working = upgraded.sharing.find(BIRDS)

    assert working == Share(1, BIRDS, "For Dora", "Ada", after(20), after(20) + timedelta(days=7), None, 1, after(23))
    assert revoked == Share(2, BIRDS, "Old link", "Ada", after(21), None, after(22), 0, None)
    assert upgraded.sharing.find_by_token(LINK, after(60)) == working


def test_api_tokens_and_ended_sign_ins_are_kept(upgraded: Store) -> None:
    revoked, working = upgraded.people.find_tokens()

    assert working == ApiToken(1, "Nightly gate", "Ada", after(24), None, after(25))
    assert revoked == ApiToken(2, "Lost laptop", "Bo", after(26), after(27), None)
    assert upgraded.people.use_token(API_TOKEN, after(25)) == working
    assert upgraded.people.has_ended("b" * 64)
    assert not upgraded.people.has_ended("a" * 64)


def test_the_audit_log_is_intact_and_can_be_extended(upgraded: Store) -> None:
    assert upgraded.audit.verify() is None
    assert [entry.action for entry in reversed(upgraded.audit.find())] == [
        "SIGN_IN",
        "CREATE_SESSION",
        "PREDICT",
        "ANNOTATE",
        "SIGN_OFF",
        "CREATE_LINK",
        "REFUSED",
    ]
    assert [(repeats.actor, repeats.count, repeats.last_at) for repeats in upgraded.audit.find_repeats()] == [
        ("Vera", 2, after(52))
    ]
    assert not upgraded.audit.record_sign_in("a" * 64, AuditEvent(after(60), "ada@example.com", Action.SIGN_IN))

    upgraded.audit.record(AuditEvent(after(61), "Ada", Action.EXPORT, BIRDS))

    assert upgraded.audit.verify() is None


def test_a_session_from_before_the_upgrade_is_deleted_completely(upgraded: Store) -> None:
    upgraded.sessions.delete(BIRDS)

    assert [summary.session.id for summary in upgraded.sessions.find()] == [SIGNED]
    assert [record.version for record in upgraded.predictions.find([CAT, DOG, OWL], [V1, V2, PARTS])] == [PARTS]
