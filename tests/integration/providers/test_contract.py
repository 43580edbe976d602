"""The contract of every provider: the built-in service, an AutoML server, and the Vertex AI REST API."""

from dataclasses import replace
from itertools import groupby
from math import e

import pytest

from lib.domain.images import ImageLimits, PreparedImage
from lib.domain.models import ServedVersion
from lib.domain.predictions import ModelVersion
from lib.errors import (
    ModelUndeployed,
    PredictionTimedOut,
    ServiceBusy,
    ServiceError,
    ServiceUnreachable,
)
from lib.images.preparation import prepare_image
from lib.providers.base import Provider
from tests.builders.exports import make_picture


def find_all(provider: Provider) -> list[ServedVersion]:
    return provider.find_versions(project_of(provider), "us-central1")


def project_of(provider: Provider) -> str:
    """Return the first selectable project."""
    return provider.find_projects()[0]


def find(provider: Provider, family: str, version: str) -> ModelVersion:
    return next(
        each.version for each in find_all(provider) if (each.version.family, each.version.version) == (family, version)
    )


def make_image(color: str = "red", content: bytes | None = None) -> PreparedImage:
    prepared = prepare_image(make_picture(color), "a picture", ImageLimits())
    return prepared if content is None else replace(prepared, content=content)


def test_a_prediction_has_a_score_for_every_label(provider: Provider) -> None:
    prediction = provider.predict(find(provider, "colors", "v1"), make_image("red"))

    # Logits 1, 0 and 0: softmax gives e / (e + 2) = 0.576 and 1 / (e + 2) = 0.212.
    scores = dict(zip(prediction.labels, prediction.values, strict=True))
    assert scores == pytest.approx({"red": e / (e + 2), "green": 1 / (e + 2), "blue": 1 / (e + 2)}, abs=1e-6)


def test_multi_label_scores_need_not_sum_to_one(provider: Provider) -> None:
    prediction = provider.predict(find(provider, "tags", "final"), make_image("white"))

    # Three logits of 1: each score is 1 / (1 + 1 / e) = 0.731.
    assert sum(prediction.values) == pytest.approx(3 / (1 + 1 / e), abs=1e-5)


def test_versions_are_grouped_by_family_and_in_natural_order(provider: Provider) -> None:
    found = [(each.version.family, each.version.version) for each in find_all(provider)]

    assert [version for family, version in found if family == "colors"] == ["v1", "v2", "v10"]
    assert [family for family, _ in groupby(family for family, _ in found)] == list(
        dict.fromkeys(family for family, _ in found)
    )


def test_a_version_has_its_location_and_creation_time(provider: Provider) -> None:
    served = next(each for each in find_all(provider) if each.version.family == "colors")

    assert served.version.provider == provider.name
    assert served.version.model_name.startswith(f"projects/{project_of(provider)}/locations/us-central1/models/")
    assert served.version.etag
    assert served.version.deployed
    assert served.created_at is not None
    assert served.created_at.tzinfo is not None


def test_a_version_has_its_model_type_and_classification_type(provider: Provider) -> None:
    one, several = (
        next(each for each in find_all(provider) if each.version == find(provider, family, version))
        for family, version in (("colors", "v1"), ("tags", "final"))
    )

    assert (one.multi_label, several.multi_label) == (False, True)
    assert one.kind.startswith("mobile-")


def test_only_cloud_versions_expire(provider: Provider) -> None:
    assert {each.expires for each in find_all(provider)} == {provider.name != "built-in"}


def test_an_undeployed_version_predicts_again_after_it_is_deployed(provider: Provider) -> None:
    version = find(provider, "colors", "v2")

    gone = list(provider.undeploy(version))
    with pytest.raises(ModelUndeployed, match="v2 is not deployed"):
        provider.predict(version, make_image())
    state = find(provider, "colors", "v2").deployed
    back = list(provider.deploy(version, nodes=2))

    assert gone[-1] == back[-1] == 1.0
    assert not state
    assert provider.predict(version, make_image()).top is not None
    assert next(each.nodes for each in find_all(provider) if each.version == version) == 2


def test_the_overall_evaluation_precedes_those_of_single_labels(provider: Provider) -> None:
    overall, *by_label = provider.find_evaluations(find(provider, "colors", "v1"))

    assert overall.label is None
    assert (overall.au_prc, overall.log_loss) == pytest.approx((0.9, 1.25))
    assert [each.label for each in by_label] == ["blue", "green", "red"]
    assert overall.points[0].precision == pytest.approx(25 / 30)
    assert overall.confusion is not None
    assert overall.confusion.labels == ("red", "green", "blue")
    assert overall.confusion.counts == ((8, 1, 1), (2, 8, 0), (0, 1, 9))
    assert by_label[0].points[0].recall == pytest.approx(0.9)


def test_a_version_without_an_evaluation_returns_an_empty_list(provider: Provider) -> None:
    assert provider.find_evaluations(find(provider, "colors", "v2")) == []


def test_a_prediction_that_fails_twice_is_retried(provider: Provider) -> None:
    assert provider.predict(find(provider, "faults", "flaky"), make_image()).top is not None


@pytest.mark.parametrize(
    ("version", "kind", "words"),
    [
        ("busy", ServiceBusy, "too many requests for busy"),
        ("dropped", ServiceUnreachable, "[Tt]ry again"),
        ("slow", PredictionTimedOut, "timed out on slow"),
    ],
)
def test_all_providers_raise_the_same_errors(
    provider: Provider, version: str, kind: type[ServiceError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        provider.predict(find(provider, "faults", version), make_image())


def test_bytes_that_are_not_an_image_are_rejected(provider: Provider) -> None:
    with pytest.raises(ServiceError, match="image"):
        provider.predict(find(provider, "colors", "v1"), make_image(content=b"not a picture"))


def test_predicting_with_an_unknown_version_raises_a_service_error(provider: Provider) -> None:
    lost = replace(
        find(provider, "colors", "v1"),
        model_name=f"projects/{project_of(provider)}/locations/us-central1/models/ICN404@1",
    )

    with pytest.raises(ServiceError):
        provider.predict(lost, make_image())


def test_the_identity_and_regions_need_no_request(provider: Provider) -> None:
    assert "nobody" in provider.describe_identity()
    assert provider.find_regions()[0] == "us-central1"


def test_the_resource_for_api_calls_is_in_the_location_of_the_version(provider: Provider) -> None:
    version = find(provider, "colors", "v1")

    assert str(provider.find_resource(version).location) == f"projects/{project_of(provider)}/locations/us-central1"
