"""Google's official Node client, both API versions, gRPC and REST, against the running service."""

import base64
import json
from collections.abc import Iterator

import pytest

from tests.builders.checked_exports import make_service
from tests.builders.evaluations import OVERALL_PRECISION, write_evaluations
from tests.builders.exports import make_export, make_picture
from tests.conformance.conftest import LOCATION, Running, run
from tests.conformance.node_client import FOLDER, CallFailed, NodeClient, install_packages, start_client

RED = base64.b64encode(make_picture("red")).decode()
DEPLOY_TAKES_S = 0.3


@pytest.fixture(scope="session", autouse=True)
def packages() -> None:
    """The client's packages, installed."""
    install_packages()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of colors/v1, which was evaluated, and of the fault models."""
    models_dir = tmp_path_factory.mktemp("models")
    write_evaluations(make_export(models_dir / "colors" / "v1"))
    service = make_service(models_dir, fault_wait_s=0, deploy_takes_s=DEPLOY_TAKES_S)
    with run(service) as running:
        yield running


@pytest.fixture(scope="module", params=["v1 grpc", "v1beta1 grpc", "v1 rest", "v1beta1 rest"])
def node(running: Running, request: pytest.FixtureRequest) -> Iterator[NodeClient]:
    """Each version over each transport in turn."""
    version, transport = request.param.split()
    with start_client(version, transport, running.grpc_port if transport == "grpc" else running.rest_port) as client:
        yield client


def test_models_are_listed_over_several_pages(node: NodeClient, running: Running) -> None:
    listed = node.models("listModels", parent=LOCATION, pageSize=2)

    assert [model["displayName"] for model in listed] == ["v1", "busy", "dropped", "flaky", "slow"]
    assert listed[0]["name"] == running.name_of("colors/v1")


def test_listing_and_getting_a_model_return_the_same_resource(node: NodeClient, running: Running) -> None:
    listed, *_ = node.models("listModels", parent=LOCATION)

    assert node.models("getModel", name=running.name_of("colors/v1")) == listed
    assert (listed["deploymentState"], listed["imageClassificationModelMetadata"]["nodeCount"]) == ("DEPLOYED", "1")


def test_the_dataset_of_a_model_is_its_family(node: NodeClient, running: Running) -> None:
    model = node.models("getModel", name=running.name_of("colors/v1"))

    dataset = node.models("getDataset", name=f"{LOCATION}/datasets/{model['datasetId']}")

    assert dataset["displayName"] == "colors"
    assert dataset["imageClassificationDatasetMetadata"]["classificationType"] == "MULTICLASS"


def test_prediction_scores_match_a_calculation_by_hand(node: NodeClient, running: Running) -> None:
    answer = node.predict(
        name=running.name_of("colors/v1"), payload={"image": {"imageBytes": RED}}, params={"score_threshold": "0"}
    )

    # See tests/integration/serving/models/test_served_models.py.
    assert [(each["displayName"], each["annotationSpecId"]) for each in answer["payload"]] == [
        ("red", "0"),
        ("green", "1"),
        ("blue", "2"),
    ]
    scores = [each["classification"]["score"] for each in answer["payload"]]
    assert scores == pytest.approx([0.576117, 0.211942, 0.211942], abs=1e-6)


def test_a_model_is_undeployed_and_deployed_again_on_more_nodes(node: NodeClient, running: Running) -> None:
    name = running.name_of("colors/v1")

    undeployed = node.models("undeployModel", name=name)
    without = node.models("getModel", name=name)["deploymentState"]
    with pytest.raises(CallFailed, match="not deployed") as caught:
        node.predict(name=name, payload={"image": {"imageBytes": RED}})
    node.models("deployModel", name=name, imageClassificationModelDeploymentMetadata={"nodeCount": 3})
    again = node.models("getModel", name=name)
    node.models("deployModel", name=name, imageClassificationModelDeploymentMetadata={"nodeCount": 1})

    assert (undeployed["done"], undeployed["metadata"]["progressPercent"]) == (True, 100)
    assert (without, caught.value.status) == ("UNDEPLOYED", "FAILED_PRECONDITION")
    assert again["deploymentState"] == "DEPLOYED"
    assert again["imageClassificationModelMetadata"]["nodeCount"] == "3"


def test_evaluations_can_be_listed_and_fetched(node: NodeClient, running: Running) -> None:
    listed = node.models("listModelEvaluations", parent=running.name_of("colors/v1"), filter="")

    assert [each["displayName"] for each in listed] == ["", "red", "green", "blue"]
    assert node.models("getModelEvaluation", name=listed[0]["name"]) == listed[0]
    (entry,) = listed[0]["classificationEvaluationMetrics"]["confidenceMetricsEntry"]
    assert entry["precision"] == pytest.approx(OVERALL_PRECISION)
    assert entry["trueNegativeCount"] == "55"


def test_evaluations_can_be_filtered(node: NodeClient, running: Running) -> None:
    (blue,) = node.models("listModelEvaluations", parent=running.name_of("colors/v1"), filter="annotation_spec_id=2")

    assert (blue["displayName"], blue["evaluatedExampleCount"]) == ("blue", 10)


def test_an_unknown_model_is_not_found(node: NodeClient) -> None:
    with pytest.raises(CallFailed, match="Model not found") as caught:
        node.models("getModel", name=f"{LOCATION}/models/ICN404")

    assert caught.value.status == "NOT_FOUND"
    assert caught.value.details[0]["resourceType"] == "automl.googleapis.com/Model"


def test_an_invalid_threshold_is_reported_by_its_field(node: NodeClient, running: Running) -> None:
    with pytest.raises(CallFailed, match="from 0 to 1") as caught:
        node.predict(
            name=running.name_of("colors/v1"), payload={"image": {"imageBytes": RED}}, params={"score_threshold": "7"}
        )

    assert caught.value.status == "INVALID_ARGUMENT"
    assert caught.value.details[0]["fieldViolations"][0]["field"] == "params.score_threshold"


def test_a_busy_model_returns_too_many_requests(node: NodeClient, running: Running) -> None:
    with pytest.raises(CallFailed, match="Too many requests") as caught:
        node.predict(name=running.name_of("faults/busy"), payload={"image": {"imageBytes": RED}})

    assert caught.value.status == "RESOURCE_EXHAUSTED"


def test_unsupported_methods_are_unimplemented(node: NodeClient, running: Running) -> None:
    with pytest.raises(CallFailed, match=f"{node.version}.AutoMl/DeleteModel") as caught:
        node.models("deleteModel", name=running.name_of("colors/v1"))

    assert caught.value.status == "UNIMPLEMENTED"


def test_the_lock_file_contains_no_registry_url() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]

    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
