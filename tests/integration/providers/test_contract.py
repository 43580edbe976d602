"""What holds for every service, whoever answers: the built-in one, an AutoML server, or Vertex AI's REST API."""

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
    """The first of those that can be chosen."""
    return provider.find_projects()[0]


def find(provider: Provider, family: str, version: str) -> ModelVersion:
    return next(
        each.version for each in find_all(provider) if (each.version.family, each.version.version) == (family, version)
    )


def make_image(color: str = "red", content: bytes | None = None) -> PreparedImage:
    prepared = prepare_image(make_picture(color), "a picture", ImageLimits())
    return prepared if content is None else replace(prepared, content=content)


def test_all_scores_come_with_their_labels(provider: Provider) -> None:
    prediction = provider.predict(find(provider, "colors", "v1"), make_image("red"))

    # Logits 1, 0 and 0: softmax gives e / (e + 2) = 0.576 and 1 / (e + 2) = 0.212.
    scores = dict(zip(prediction.labels, prediction.values, strict=True))
    assert scores == pytest.approx({"red": e / (e + 2), "green": 1 / (e + 2), "blue": 1 / (e + 2)}, abs=1e-6)


def test_scores_of_several_labels_need_not_sum_to_one(provider: Provider) -> None:
    prediction = provider.predict(find(provider, "tags", "final"), make_image("white"))

    # Three logits of 1: each score is 1 / (1 + 1 / e) = 0.731.
    assert sum(prediction.values) == pytest.approx(3 / (1 + 1 / e), abs=1e-5)


def test_versions_are_listed_family_by_family_in_their_order(provider: Provider) -> None:
    found = [(each.version.family, each.version.version) for each in find_all(provider)]

    assert [version for family, version in found if family == "colors"] == ["v1", "v2", "v10"]
    assert [family for family, _ in groupby(family for family, _ in found)] == list(
        dict.fromkeys(family for family, _ in found)
    )


def test_a_version_says_where_it_is_and_when_it_was_made(provider: Provider) -> None:
    served = next(each for each in find_all(provider) if each.version.family == "colors")

    assert served.version.provider == provider.name
    assert served.version.model_name.startswith(f"projects/{project_of(provider)}/locations/us-central1/models/")
    assert served.version.etag
    assert served.version.deployed
    assert served.created_at is not None
    assert served.created_at.tzinfo is not None


def test_a_version_says_of_what_kind_it_is_and_whether_an_image_has_one_label(provider: Provider) -> None:
    one, several = (
        next(each for each in find_all(provider) if each.version == find(provider, family, version))
        for family, version in (("colors", "v1"), ("tags", "final"))
    )

    assert (one.multi_label, several.multi_label) == (False, True)
    assert one.kind.startswith("mobile-")


def test_only_versions_in_the_cloud_end_after_two_years(provider: Provider) -> None:
    assert {each.expires for each in find_all(provider)} == {provider.name != "built-in"}


def test_a_version_that_was_taken_out_of_service_refuses_until_it_is_back(provider: Provider) -> None:
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


def test_evaluations_come_over_all_labels_first_and_then_label_by_label(provider: Provider) -> None:
    overall, *by_label = provider.find_evaluations(find(provider, "colors", "v1"))

    assert overall.label is None
    assert (overall.au_prc, overall.log_loss) == pytest.approx((0.9, 1.25))
    assert [each.label for each in by_label] == ["blue", "green", "red"]
    assert overall.points[0].precision == pytest.approx(25 / 30)
    assert overall.confusion is not None
    assert overall.confusion.labels == ("red", "green", "blue")
    assert overall.confusion.counts == ((8, 1, 1), (2, 8, 0), (0, 1, 9))
    assert by_label[0].points[0].recall == pytest.approx(0.9)


def test_a_version_without_an_evaluation_has_none(provider: Provider) -> None:
    assert provider.find_evaluations(find(provider, "colors", "v2")) == []


def test_a_version_that_fails_twice_is_asked_a_third_time(provider: Provider) -> None:
    assert provider.predict(find(provider, "faults", "flaky"), make_image()).top is not None


@pytest.mark.parametrize(
    ("version", "kind", "words"),
    [
        ("busy", ServiceBusy, "too many requests for busy"),
        ("dropped", ServiceUnreachable, "[Tt]ry again"),
        ("slow", PredictionTimedOut, "timed out on slow"),
    ],
)
def test_what_goes_wrong_is_said_in_the_same_words_by_all(
    provider: Provider, version: str, kind: type[ServiceError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        provider.predict(find(provider, "faults", version), make_image())


def test_bytes_that_are_no_picture_are_refused(provider: Provider) -> None:
    with pytest.raises(ServiceError, match="image"):
        provider.predict(find(provider, "colors", "v1"), make_image(content=b"not a picture"))


def test_a_version_that_is_not_there_is_none_to_ask(provider: Provider) -> None:
    lost = replace(
        find(provider, "colors", "v1"),
        model_name=f"projects/{project_of(provider)}/locations/us-central1/models/ICN404@1",
    )

    with pytest.raises(ServiceError):
        provider.predict(lost, make_image())


def test_an_identity_and_regions_are_known_without_asking_anyone(provider: Provider) -> None:
    assert "nobody" in provider.describe_identity()
    assert provider.find_regions()[0] == "us-central1"


def test_the_resource_that_programs_ask_lies_in_the_same_place(provider: Provider) -> None:
    version = find(provider, "colors", "v1")

    assert str(provider.find_resource(version).location) == f"projects/{project_of(provider)}/locations/us-central1"
