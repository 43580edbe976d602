"""Which audit events changes, sign-ins and jobs leave."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lib.domain.jobs import JobKind
from lib.domain.people import Actor, Person, Role
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.errors import ReviewDone, RoleMissing, UnknownSession
from lib.providers.automl import AutomlClient
from lib.store import Store
from lib.workflows import annotations, deployments, predict, reviews, sessions, sign_ins
from lib.workflows.deployments import DeploymentTarget
from lib.workflows.exports import deliver
from lib.workflows.exports.export_queue import ExportFile
from lib.workflows.job_registry import Jobs
from lib.workflows.prediction_context import PredictionContext
from lib.workflows.prediction_tasks import Upload
from tests.builders.pairs import make_true_label
from tests.builders.values import ADMIN, NOON, REVIEWER, VIEWER, make_prepared_image
from tests.integration.workflows.conftest import make_export_request

SHA256 = make_prepared_image().image.sha256


def test_a_failed_change_leaves_no_audit_event(store: Store, birds: Session) -> None:
    reviews.sign_off_review(store, REVIEWER, birds.id)

    with pytest.raises(ReviewDone):
        annotations.set_true_labels(store, REVIEWER, birds.id, [SHA256], make_true_label("cat"))
    with pytest.raises(UnknownSession):
        sessions.delete_session(store, ADMIN, "no-such-session")

    assert [entry.action for entry in store.audit.find()] == ["SIGN_OFF"]


def test_renaming_a_session_to_its_own_title_leaves_no_audit_event(store: Store, birds: Session) -> None:
    sessions.rename_session(store, REVIEWER, birds.id, " Birds ")
    sessions.rename_session(store, REVIEWER, birds.id, "  ")

    assert store.audit.count() == 0


def test_repeated_downloads_by_one_person_are_one_audit_event(store: Store, birds: Session) -> None:
    file = ExportFile(make_export_request(birds))
    for name in ("Ada", "Ada", "Grace", "Ada"):
        deliver.record_download(store, Actor(name, Role.VIEWER), file)
    file.delete()

    assert [(entry.actor, entry.details) for entry in store.audit.find()] == [
        ("Grace", "birds.csv, built for Ada"),
        ("Ada", "birds.csv"),
    ]


def test_a_sign_out_is_recorded_with_the_email_address(store: Store) -> None:
    person = Person("ada@example.com", Role.ADMIN, "a-sign-in", datetime.now(UTC))

    sign_ins.record_sign_in(store, person)
    sign_ins.record_sign_in(store, person)
    sign_ins.sign_out(store, person, lasts=NOON - NOON)

    assert [(entry.actor, entry.action) for entry in store.audit.find()] == [
        ("ada@example.com", "SIGN_OUT"),
        ("ada@example.com", "SIGN_IN"),
    ]


def test_signing_out_in_two_windows_is_one_audit_event(store: Store) -> None:
    person = Person("ada@example.com", Role.ADMIN, "a-sign-in", datetime.now(UTC))

    for _ in range(2):
        sign_ins.sign_out(store, person, lasts=timedelta(hours=1))

    assert [entry.action for entry in store.audit.find()] == ["SIGN_OUT"]


@pytest.mark.parametrize("path", ["/v1/projects/p/locations/l/models/ICN1:undeploy", "projects/p/models/ICN1:undeploy"])
def test_an_api_call_that_changes_a_deployment_is_recorded(store: Store, path: str) -> None:
    deployments.record_api_call(store, ADMIN, path)
    deployments.record_api_call(store, ADMIN, "/v1/projects/p/locations/l/models/ICN1:predict")

    (entry,) = store.audit.find()
    assert (entry.actor, entry.action, entry.details) == ("admin", "UNDEPLOY", f"by the API: {path}")


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    jobs = Jobs(store)
    yield jobs
    for job in jobs.find(JobKind.DEPLOYMENT):
        job.wait(60)


def test_deployments_are_recorded_with_the_full_model_name(
    store: Store, client: AutomlClient, versions: dict[str, ModelVersion], jobs: Jobs
) -> None:
    version = versions["imagenet v1"]
    target = DeploymentTarget(client, version)

    deployments.deploy_model(store, ADMIN, jobs, target, nodes=2)
    with pytest.raises(RoleMissing):
        deployments.undeploy_model(store, REVIEWER, jobs, target)

    refused, done = store.audit.find()
    assert (done.action, done.details) == ("DEPLOY", f"{version.model_name}, 2 nodes")
    assert (refused.actor, refused.action) == ("reviewer", "REFUSED")


def test_a_prediction_job_is_one_audit_event(
    prediction_context: PredictionContext, versions: dict[str, ModelVersion]
) -> None:
    session = sessions.create_session(prediction_context.store, REVIEWER, "Birds")
    uploads = [Upload(f"{number}.txt", b"no image") for number in range(20)]

    predict.predict_uploads(prediction_context, REVIEWER, session.id, [versions["imagenet v1"]], uploads).wait(60)
    predict.predict_missing(prediction_context, REVIEWER, session.id, [versions["imagenet v1"]]).wait(60)
    predict.retry_failed(prediction_context, REVIEWER, session.id, [versions["imagenet v1"]]).wait(60)
    with pytest.raises(RoleMissing):
        predict.predict_uploads(prediction_context, VIEWER, session.id, [versions["imagenet v1"]], uploads)

    assert [entry.details for entry in prediction_context.store.audit.find()] == [
        "Started predictions: needs the role reviewer",
        "failed predictions: imagenet v1",
        "missing predictions: imagenet v1",
        "20 files: imagenet v1",
        "Birds",
    ]
