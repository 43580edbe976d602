"""The built-in service's gRPC port for programs when sign-in is on, and the socket that pages use."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import automl_v1

from lib.serving.automl.api_guard import ApiRules
from lib.web import resources
from lib.web.api_callers import identify_caller, record_change
from tests.conformance.conftest import make_clients
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import charts, read_sample, upload
from tests.integration.pages.test_sign_in import ADA, GRACE, VERA, said_of

LOCATION = "projects/second-look/locations/us-central1"


@pytest.fixture
def clients(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Google's clients on the port, where Ada is an admin, Grace a reviewer and Vera a viewer."""
    for role, address in (("ADMINS", ADA), ("REVIEWERS", GRACE), ("VIEWERS", VERA)):
        monkeypatch.setenv(f"SECOND_LOOK_{role}", address)
    open_app("models", said_of(ADA))
    port = resources.prediction_service().start_grpc(rules=ApiRules(600, identify_caller, record_change))
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        yield make_clients(automl_v1, "grpc", channel=channel)


def show_token_of(person: str) -> list[tuple[str, str]]:
    """Return the gRPC metadata with a token of this person."""
    return [("authorization", f"Bearer {resources.store().people.add_token('', person, datetime.now(UTC))}")]


def find_name() -> str:
    """Return the resource name of a served version."""
    return f"{LOCATION}/models/{resources.prediction_service().models[0].model_id}"


@pytest.mark.parametrize("metadata", [[], [("authorization", "Bearer guessed")]])
def test_without_a_token_nothing_is_listed_predicted_or_undeployed(clients: Any, metadata: Any) -> None:
    for call in (clients.models.get_model, clients.models.undeploy_model):
        with pytest.raises(exceptions.Unauthenticated, match="Send a valid token"):
            call(name=find_name(), metadata=metadata)
    with pytest.raises(exceptions.Unauthenticated):
        clients.predictions.predict(name=find_name(), payload={}, metadata=metadata)


@pytest.mark.parametrize("person", [VERA, GRACE])
def test_only_a_token_of_an_admin_deploys_and_undeploys(clients: Any, person: str) -> None:
    with pytest.raises(exceptions.PermissionDenied, match="This needs the role admin"):
        clients.models.undeploy_model(name=find_name(), metadata=show_token_of(person))
    with pytest.raises(exceptions.PermissionDenied, match="This needs the role admin"):
        clients.models.deploy_model(name=find_name(), metadata=show_token_of(person))

    clients.models.undeploy_model(name=find_name(), metadata=show_token_of(ADA))

    state = clients.models.get_model(name=find_name(), metadata=show_token_of(GRACE)).deployment_state
    assert state == automl_v1.Model.DeploymentState.UNDEPLOYED


def test_pages_predict_without_a_token(clients: Any, open_app: OpenApp) -> None:
    app = upload(open_app("predict", said_of(GRACE)), cat_jpg=read_sample("cat.jpg"))

    assert len(charts(app)) == 1
    assert resources.grpc_address().startswith("unix:")


def test_changes_and_refused_changes_of_programs_are_in_the_audit_log(clients: Any) -> None:
    with pytest.raises(exceptions.PermissionDenied):
        clients.models.undeploy_model(name=find_name(), metadata=show_token_of(GRACE))
    with pytest.raises(exceptions.NotFound):
        clients.models.undeploy_model(name=f"{find_name()}0", metadata=show_token_of(ADA))
    clients.models.undeploy_model(name=find_name(), metadata=show_token_of(ADA))
    clients.models.get_model(name=find_name(), metadata=show_token_of(ADA))

    done, refused, _ = resources.store().audit.find()
    assert (done.actor, done.action, done.details) == (ADA, "UNDEPLOY", f"by the API: {find_name()}:undeploy")
    assert (refused.actor, refused.details) == (GRACE, "Started undeployment: needs the role admin")
