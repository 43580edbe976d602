"""Which models are deployed, and what happens in the time that a change takes."""

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


def test_every_model_is_deployed_on_one_node_at_the_start(deployments: DeploymentStates) -> None:
    assert (deployments.is_deployed(MODEL), deployments.node_count(MODEL)) == (True, 1)


def test_a_model_stays_as_it_was_until_the_change_is_over(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.undeploy(MODEL)

    states = [deployments.is_deployed(MODEL) for clock.now_s in (0.0, 39.9, 40.0)]

    assert states == [True, True, False]


def test_changes_take_no_time_unless_told_to() -> None:
    deployments = DeploymentStates()

    period = deployments.undeploy(MODEL)

    assert period.remaining_s == 0
    assert not deployments.is_deployed(MODEL)


def test_a_model_changes_nodes_without_a_pause(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.deploy(MODEL, 3)

    counts = [deployments.node_count(MODEL) for clock.now_s in (0.0, 39.9, 40.0)]

    assert counts == [1, 1, 3]


def test_deploying_what_is_deployed_so_is_over_at_once(deployments: DeploymentStates) -> None:
    assert deployments.deploy(MODEL, 1).remaining_s == 0


def test_no_number_of_nodes_leaves_the_number_as_it_is() -> None:
    deployments = DeploymentStates()
    deployments.deploy(MODEL, 3)

    deployments.deploy(MODEL)

    assert deployments.node_count(MODEL) == 3


def test_a_model_comes_back_on_one_node() -> None:
    deployments = DeploymentStates()
    deployments.deploy(MODEL, 3)
    deployments.undeploy(MODEL)

    deployments.deploy(MODEL)

    assert deployments.node_count(MODEL) == 1


def test_the_same_change_asked_twice_ends_once(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.undeploy(MODEL)
    clock.now_s = 30.0

    assert deployments.undeploy(MODEL).remaining_s == 10


def test_another_change_must_wait_for_the_first(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.undeploy(MODEL)
    clock.now_s = 30.0

    with pytest.raises(ApiError, match="Wait 10 seconds") as caught:
        deployments.deploy(MODEL)

    assert caught.value.code == code_pb2.ABORTED


def test_models_change_without_a_look_at_each_other(deployments: DeploymentStates, clock: HandClock) -> None:
    deployments.undeploy(MODEL)
    deployments.deploy("ICN2", 5)
    clock.now_s = 40.0

    assert [deployments.node_count(each) for each in (MODEL, "ICN2", "ICN3")] == [0, 5, 1]
