"""The checked-in HTTP rules are those of the installed official client."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import automl_v1, automl_v1beta1
from google.cloud.automl_v1.services.auto_ml.transports.rest_base import _BaseAutoMlRestTransport as AutoMlV1
from google.cloud.automl_v1.services.prediction_service.transports.rest_base import (
    _BasePredictionServiceRestTransport as PredictionV1,
)
from google.cloud.automl_v1beta1.services.auto_ml.transports.rest_base import _BaseAutoMlRestTransport as AutoMlBeta
from google.cloud.automl_v1beta1.services.prediction_service.transports.rest_base import (
    _BasePredictionServiceRestTransport as PredictionBeta,
)

from lib.serving.automl.http_rules import HTTP_RULES, HttpRule


def make_rules(service: str, transport: type) -> Iterator[HttpRule]:
    """Return the HTTP rules of the client's REST transport, which has one nested class per method."""
    for name, method in inspect.getmembers(transport, inspect.isclass):
        for option in getattr(method, "_get_http_options", list)():
            yield make_rule(f"{service}/{name.removeprefix('_Base')}", option)


def make_operation_rules(client: Any) -> Iterator[HttpRule]:
    for name, options in client.transport.operations_client.transport._http_options.items():
        service, _, method = name.rpartition(".")
        yield from (make_rule(f"{service}/{method}", option) for option in options)


def make_rule(method: str, option: dict[str, str]) -> HttpRule:
    return HttpRule(method, option["method"].upper(), option["uri"], option.get("body", ""))


@pytest.mark.parametrize(
    ("service", "transport"),
    [
        ("google.cloud.automl.v1.AutoMl", AutoMlV1),
        ("google.cloud.automl.v1.PredictionService", PredictionV1),
        ("google.cloud.automl.v1beta1.AutoMl", AutoMlBeta),
        ("google.cloud.automl.v1beta1.PredictionService", PredictionBeta),
    ],
)
def test_the_http_rules_of_a_service_match_the_client(service: str, transport: type) -> None:
    checked_in = {rule for rule in HTTP_RULES if rule.method.startswith(f"{service}/")}

    assert checked_in == set(make_rules(service, transport))


def test_the_http_rules_of_operations_match_both_clients() -> None:
    checked_in = {rule for rule in HTTP_RULES if rule.method.startswith("google.longrunning.Operations/")}
    anyone = AnonymousCredentials()  # type: ignore[no-untyped-call]
    v1 = automl_v1.AutoMlClient(transport="rest", credentials=anyone)
    beta = automl_v1beta1.AutoMlClient(transport="rest", credentials=anyone)

    assert checked_in == {*make_operation_rules(v1), *make_operation_rules(beta)}
