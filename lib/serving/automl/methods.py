"""The methods of the AutoML API that this service implements; all others are UNIMPLEMENTED."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.cloud.automl_v1 import types
from google.longrunning import operations_pb2

from lib.serving.api_errors import invalid_field
from lib.serving.automl.automl_names import parse_model_name
from lib.serving.automl.catalog import Catalog
from lib.serving.automl.deployment_states import DeploymentStates
from lib.serving.automl.operations import OperationMethods
from lib.serving.automl.prediction_methods import PredictionMethods
from lib.serving.error_boundary import call_within_error_boundary
from lib.serving.models.served_models import ServedModel

VERSIONS = ("v1", "v1beta1")
_DEPLOYMENT = "image_classification_model_deployment_metadata"
# Google's limit. Source: ImageClassificationModelDeploymentMetadata.
_MAX_NODES = 100


@dataclass(frozen=True, slots=True)
class RpcMethod:
    """A method. `request_type` is the protobuf class of its requests; `answer` returns the response message."""

    request_type: Any
    answer: Callable[[Any], Any]

    def __call__(self, request: Any) -> Any:
        """Return the response. Raises ApiError, also in place of any unexpected error, and ConnectionDropped."""
        return call_within_error_boundary(self.answer, request)


def make_methods(
    models: tuple[ServedModel, ...], deployments: DeploymentStates, operations: OperationMethods
) -> Mapping[str, RpcMethod]:
    """Return all methods by full name, such as `google.cloud.automl.v1.AutoMl/ListModels`.

    Both API versions use v1's messages, whose fields have the same numbers as in v1beta1 wherever this service uses
    them: importing v1beta1 as well would cost 129 MB of memory.
    """
    catalog = Catalog(models, deployments)
    predictions = PredictionMethods(models, catalog, deployments)
    methods = _operation_methods(operations)
    for version in VERSIONS:
        prefix = f"google.cloud.automl.{version}"
        methods[f"{prefix}.PredictionService/Predict"] = RpcMethod(types.PredictRequest.pb(), predictions.predict)
        automl = _catalog_methods(catalog) | _deployment_methods(version, catalog, deployments, operations)
        methods |= {f"{prefix}.AutoMl/{name}": method for name, method in automl.items()}
    return methods


def _catalog_methods(catalog: Catalog) -> dict[str, RpcMethod]:
    return {
        "ListModels": RpcMethod(types.ListModelsRequest.pb(), catalog.list_models),
        "GetModel": RpcMethod(types.GetModelRequest.pb(), catalog.get_model),
        "ListDatasets": RpcMethod(types.ListDatasetsRequest.pb(), catalog.list_datasets),
        "GetDataset": RpcMethod(types.GetDatasetRequest.pb(), catalog.get_dataset),
        "ListModelEvaluations": RpcMethod(types.ListModelEvaluationsRequest.pb(), catalog.list_evaluations),
        "GetModelEvaluation": RpcMethod(types.GetModelEvaluationRequest.pb(), catalog.get_evaluation),
    }


def _operation_methods(operations: OperationMethods) -> dict[str, RpcMethod]:
    service = "google.longrunning.Operations"
    return {
        f"{service}/GetOperation": RpcMethod(operations_pb2.GetOperationRequest, operations.get),
        f"{service}/WaitOperation": RpcMethod(operations_pb2.WaitOperationRequest, operations.wait),
        f"{service}/ListOperations": RpcMethod(operations_pb2.ListOperationsRequest, operations.list_operations),
        f"{service}/CancelOperation": RpcMethod(operations_pb2.CancelOperationRequest, operations.cancel),
        f"{service}/DeleteOperation": RpcMethod(operations_pb2.DeleteOperationRequest, operations.delete),
    }


def _deployment_methods(
    version: str, catalog: Catalog, deployments: DeploymentStates, operations: OperationMethods
) -> dict[str, RpcMethod]:
    def deploy(request: Any) -> Any:
        node_count = _read_node_count(request)
        model = catalog.get_served(request.name)
        period = deployments.deploy(model.model_id, node_count)
        model.runner.reset()
        return operations.add(parse_model_name(request.name).location, version, "deploy_model_details", period)

    def undeploy(request: Any) -> Any:
        period = deployments.undeploy(catalog.get_served(request.name).model_id)
        return operations.add(parse_model_name(request.name).location, version, "undeploy_model_details", period)

    return {
        "DeployModel": RpcMethod(types.DeployModelRequest.pb(), deploy),
        "UndeployModel": RpcMethod(types.UndeployModelRequest.pb(), undeploy),
    }


def _read_node_count(request: Any) -> int | None:
    """Return the number of nodes in a DeployModelRequest, None if it has none. Raises ApiError."""
    kind = request.WhichOneof("model_deployment_metadata")
    if kind is None:
        return None
    if kind != _DEPLOYMENT:
        raise invalid_field(kind, f"This is an image classification model: expected {_DEPLOYMENT}.")
    node_count: int = request.image_classification_model_deployment_metadata.node_count
    if not 1 <= node_count <= _MAX_NODES:
        raise invalid_field(f"{kind}.node_count", f"The node count must be from 1 to {_MAX_NODES}, got {node_count}.")
    return node_count


class MethodRegistry:
    """The methods, and the models behind them, which `replace_models` replaces as a whole.

    `methods` keeps its identity, so that servers need no restart. Deployment states and operations are kept.
    """

    def __init__(self, models: tuple[ServedModel, ...], deploy_takes_s: float) -> None:
        self._states = DeploymentStates(deploy_takes_s), OperationMethods()
        self._current: Mapping[str, RpcMethod] = make_methods(models, *self._states)
        self.methods: Mapping[str, RpcMethod] = {
            name: RpcMethod(method.request_type, partial(self._answer, name)) for name, method in self._current.items()
        }

    def replace_models(self, models: tuple[ServedModel, ...]) -> None:
        """Serve these models from now on; calls in progress finish with the previous ones."""
        self._current = make_methods(models, *self._states)

    def _answer(self, name: str, request: Any) -> Any:
        return self._current[name].answer(request)
