"""Deployment states of models, also while a change is in progress."""

import pytest
from google.rpc import code_pb2

from lib.serving.api_errors import ApiError
from lib.serving.automl.deployment_states import DeploymentStates
from tests.builders.hand_clock import HandClock

MODEL = "ICN1"


@pytest.fixture
def clock() -> HandClock:
    """The clock of `deployments`, at 0 s."""
    return HandClock()


@pytest.fixture
def deployments(clock: HandClock) -> DeploymentStates:
    """Deployments whose changes take 40 s."""
    return DeploymentStates(40.0, clock)


def test_every_model_is_initially_deployed_on_one_node(deployments: DeploymentStates) -> None:
    assert (deployments.is_deployed(MODEL), deployments.node_count(MODEL)) == (True, 1)


def test_a_model_keeps_its_state_until_the_change_completes(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.undeploy(MODEL)

    states = [deployments.is_deployed(MODEL) for clock.now_s in (0.0, 39.9, 40.0)]

    assert states == [True, True, False]


def test_changes_complete_immediately_by_default() -> None:
    deployments = DeploymentStates()

    period = deployments.undeploy(MODEL)

    assert period.remaining_s == 0
    assert not deployments.is_deployed(MODEL)


def test_a_model_stays_deployed_while_its_node_count_changes(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.deploy(MODEL, 3)

    counts = [deployments.node_count(MODEL) for clock.now_s in (0.0, 39.9, 40.0)]

    assert counts == [1, 1, 3]


def test_deploying_a_model_with_its_current_node_count_completes_immediately(deployments: DeploymentStates) -> None:
    assert deployments.deploy(MODEL, 1).remaining_s == 0


def test_deploying_without_a_node_count_keeps_the_current_one() -> None:
    deployments = DeploymentStates()
    deployments.deploy(MODEL, 3)

    deployments.deploy(MODEL)

    assert deployments.node_count(MODEL) == 3


def test_a_model_that_is_deployed_again_has_one_node() -> None:
    deployments = DeploymentStates()
    deployments.deploy(MODEL, 3)
    deployments.undeploy(MODEL)

    deployments.deploy(MODEL)

    assert deployments.node_count(MODEL) == 1


def test_repeating_a_change_does_not_restart_it(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.undeploy(MODEL)
    clock.now_s = 30.0

    assert deployments.undeploy(MODEL).remaining_s == 10


def test_a_different_change_is_rejected_until_the_first_completes(
    deployments: DeploymentStates, clock: HandClock
) -> None:
    deployments.undeploy(MODEL)
    clock.now_s = 30.0

    with pytest.raises(ApiError, match="Wait 10 seconds") as caught:
        deployments.deploy(MODEL)

    assert caught.value.code == code_pb2.ABORTED


def test_models_are_deployed_independently_of_each_other(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.undeploy(MODEL)
    deployments.deploy("ICN2", 5)
    clock.now_s = 40.0

    assert [deployments.node_count(each) for each in (MODEL, "ICN2", "ICN3")] == [0, 5, 1]
