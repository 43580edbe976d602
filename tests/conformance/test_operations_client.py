"""Long-running operations through the clients' own operations clients."""

from typing import Any

import pytest
from google.api_core import exceptions

from tests.conformance.conftest import LOCATION, Clients, Running


def make_operation(clients: Clients, running: Running) -> Any:
    """Return a finished operation by deploying a model that is already deployed."""
    return clients.models.deploy_model(name=running.name_of("imagenet/v1")).operation


def test_operations_can_be_fetched_and_listed(clients: Clients, running: Running) -> None:
    operation = make_operation(clients, running)
    operations = clients.models.transport.operations_client

    assert operations.get_operation(operation.name).done
    assert operation.name in [each.name for each in operations.list_operations(LOCATION, "")]


def test_canceling_a_finished_operation_has_no_effect(clients: Clients, running: Running) -> None:
    operation = make_operation(clients, running)
    operations = clients.models.transport.operations_client

    operations.cancel_operation(operation.name)

    assert operations.get_operation(operation.name).done


def test_a_deleted_operation_is_not_found(clients: Clients, running: Running) -> None:
    operation = make_operation(clients, running)
    operations = clients.models.transport.operations_client

    operations.delete_operation(operation.name)

    with pytest.raises(exceptions.NotFound, match="Operation not found"):
        operations.get_operation(operation.name)
