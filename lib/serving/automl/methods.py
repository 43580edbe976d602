"""The methods of the API that this service has; all others are UNIMPLEMENTED."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.cloud.automl_v1 import types
from google.longrunning import operations_pb2

from lib.serving.api_errors import invalid_field
from lib.serving.automl.catalog import Catalog
from lib.serving.automl.deployments import DeploymentMethods
from lib.serving.automl.evaluation_methods import Evaluations
from lib.serving.automl.operations import OperationMethods
from lib.serving.automl.prediction_methods import PredictionMethods
from lib.serving.automl.resource_names import read_model_name
from lib.serving.error_boundary import call_within_error_boundary
from lib.serving.models.served_models import ServedModel

VERSIONS = ("v1", "v1beta1")
_DEPLOYMENT = "image_classification_model_deployment_metadata"
# Google's own limit: see ImageClassificationModelDeploymentMetadata.
_MOST_NODES = 100


@dataclass(frozen=True, slots=True)
class RpcMethod:
    """A method: `request_type` is the protobuf class of its requests, `answer` gives the response message."""

    request_type: Any
    answer: Callable[[Any], Any]

    def __call__(self, request: Any) -> Any:
        """The response. Raises Refused, also in place of every error nobody foresaw, and ConnectionDropped."""
        return call_within_error_boundary(self.answer, request)


def make_methods(
    models: tuple[ServedModel, ...], deployments: DeploymentMethods, operations: OperationMethods
) -> Mapping[str, RpcMethod]:
    """All methods by their full names, such as `google.cloud.automl.v1.AutoMl/ListModels`.

    Both API versions are answered with v1's messages, which have the same fields under the same numbers where the
    service uses them: importing v1beta1 besides would cost 129 MB.
    """
    catalog = Catalog(models, deployments)
    evaluations = _evaluation_methods(Evaluations(models, catalog))
    predictions = PredictionMethods(models, catalog, deployments)
    methods = _operation_methods(operations)
    for version in VERSIONS:
        prefix = f"google.cloud.automl.{version}"
        methods[f"{prefix}.PredictionService/Predict"] = RpcMethod(types.PredictRequest.pb(), predictions.predict)
        automl = _catalog_methods(catalog) | _deployment_methods(version, catalog, deployments, operations)
        methods |= {f"{prefix}.AutoMl/{name}": method for name, method in (automl | evaluations).items()}
    return methods


def _catalog_methods(catalog: Catalog) -> dict[str, RpcMethod]:
    return {
        "ListModels": RpcMethod(types.ListModelsRequest.pb(), catalog.list_models),
        "GetModel": RpcMethod(types.GetModelRequest.pb(), catalog.get_model),
        "ListDatasets": RpcMethod(types.ListDatasetsRequest.pb(), catalog.list_datasets),
        "GetDataset": RpcMethod(types.GetDatasetRequest.pb(), catalog.get_dataset),
    }


def _evaluation_methods(evaluations: Evaluations) -> dict[str, RpcMethod]:
    return {
        "ListModelEvaluations": RpcMethod(types.ListModelEvaluationsRequest.pb(), evaluations.find),
        "GetModelEvaluation": RpcMethod(types.GetModelEvaluationRequest.pb(), evaluations.get),
    }


def _operation_methods(operations: OperationMethods) -> dict[str, RpcMethod]:
    service = "google.longrunning.Operations"
    return {
        f"{service}/GetOperation": RpcMethod(operations_pb2.GetOperationRequest, operations.get),
        f"{service}/WaitOperation": RpcMethod(operations_pb2.WaitOperationRequest, operations.wait),
        f"{service}/ListOperations": RpcMethod(operations_pb2.ListOperationsRequest, operations.find),
        f"{service}/CancelOperation": RpcMethod(operations_pb2.CancelOperationRequest, operations.cancel),
        f"{service}/DeleteOperation": RpcMethod(operations_pb2.DeleteOperationRequest, operations.delete),
    }


def _deployment_methods(
    version: str, catalog: Catalog, deployments: DeploymentMethods, operations: OperationMethods
) -> dict[str, RpcMethod]:
    def deploy(request: Any) -> Any:
        node_count = _read_node_count(request)
        model = catalog.find_served(request.name)
        period = deployments.deploy(model.model_id, node_count)
        model.runner.put_back()
        return operations.add(read_model_name(request.name).location, version, "deploy_model_details", period)

    def undeploy(request: Any) -> Any:
        period = deployments.undeploy(catalog.find_served(request.name).model_id)
        return operations.add(read_model_name(request.name).location, version, "undeploy_model_details", period)

    return {
        "DeployModel": RpcMethod(types.DeployModelRequest.pb(), deploy),
        "UndeployModel": RpcMethod(types.UndeployModelRequest.pb(), undeploy),
    }


def _read_node_count(request: Any) -> int | None:
    """The number of nodes that a DeployModelRequest asks for; None where it names none. Raises Refused."""
    kind = request.WhichOneof("model_deployment_metadata")
    if kind is None:
        return None
    if kind != _DEPLOYMENT:
        raise invalid_field(kind, f"This model is of image classification: expected {_DEPLOYMENT}.")
    node_count: int = request.image_classification_model_deployment_metadata.node_count
    if not 1 <= node_count <= _MOST_NODES:
        raise invalid_field(
            f"{kind}.node_count", f"The node count must be from 1 to {_MOST_NODES}, and is {node_count}."
        )
    return node_count


class MethodRegistry:
    """`methods` stay the same objects for good; what they answer with is replaced as a whole by `serve`.

    Deployment states and operations outlive that.
    """

    def __init__(self, models: tuple[ServedModel, ...], deploy_takes_s: float) -> None:
        self._states = DeploymentMethods(deploy_takes_s), OperationMethods()
        self._now: Mapping[str, RpcMethod] = make_methods(models, *self._states)
        self.methods: Mapping[str, RpcMethod] = {
            name: RpcMethod(method.request_type, partial(self._answer, name)) for name, method in self._now.items()
        }

    def serve(self, models: tuple[ServedModel, ...]) -> None:
        """Answer for these models from now on; calls under way end as they began."""
        self._now = make_methods(models, *self._states)

    def _answer(self, name: str, request: Any) -> Any:
        return self._now[name].answer(request)
