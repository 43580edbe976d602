"""Pagination and filters of lists."""

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.automl.list_filters import parse_filter, parse_label_filter
from lib.serving.paging import take_page


def test_only_the_last_page_has_no_next_page_token() -> None:
    first, token = take_page("abcde", 2, "")
    second, token = take_page("abcde", 2, token)
    third, token = take_page("abcde", 2, token)

    assert (first, second, third, token) == ("ab", "cd", "e", "")


def test_a_full_last_page_has_no_next_page_token() -> None:
    assert take_page("ab", 2, "") == ("ab", "")


def test_a_missing_page_size_means_the_default() -> None:
    page, token = take_page(range(101), 0, "")

    assert (len(page), token) == (100, "100")


def test_an_excessive_page_size_is_capped() -> None:
    assert len(take_page(range(5000), 4000, "")[0]) == 1000


def test_a_negative_page_size_is_rejected() -> None:
    with pytest.raises(ApiError, match="must not be negative, got -1"):
        take_page("abc", -1, "")


@pytest.mark.parametrize("token", ["x", "-1", "4", "1.5", "²", "1" * 5000])
def test_an_invalid_page_token_is_rejected(token: str) -> None:
    with pytest.raises(ApiError, match="not one that this service returned"):
        take_page("abc", 2, token)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        (" ", True),
        ("image_classification_model_metadata:*", True),
        ("image_object_detection_model_metadata : *", False),
        ("video_classification_model_metadata:*", False),
        ("dataset_id=ICN1", True),
        ('dataset_id = "ICN2"', False),
        ("dataset_id!=ICN1", False),
        ("dataset_id != ICN2", True),
    ],
)
def test_models_can_be_filtered_by_kind_and_dataset(text: str, passes: bool) -> None:
    assert parse_filter(text, "model")("ICN1") is passes


@pytest.mark.parametrize(
    ("text", "passes"),
    [("image_classification_dataset_metadata:*", True), ("translation_dataset_metadata:*", False)],
)
def test_datasets_can_be_filtered_by_kind(text: str, passes: bool) -> None:
    assert parse_filter(text, "dataset")("ICN1") is passes


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        ("display_name=v1", "model"),
        ("image_classification_dataset_metadata:*", "model"),
        ("dataset_id=ICN1", "dataset"),
        ("dataset_id=ICN1 AND dataset_id=ICN2", "model"),
    ],
)
def test_an_unsupported_filter_is_rejected_with_the_supported_ones(text: str, resource: str) -> None:
    with pytest.raises(ApiError, match=rf"use image_classification_{resource}_metadata:\*") as caught:
        parse_filter(text, resource)

    assert caught.value.details[0].field_violations[0].field == "filter"


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        ("", ["", "4", "5"]),
        ("annotation_spec_id:*", ["4", "5"]),
        ("NOT annotation_spec_id : *", [""]),
        ("annotation_spec_id=4", ["4"]),
        ('annotation_spec_id = "4"', ["4"]),
        ("annotation_spec_id!=4", ["", "5"]),
        # Google's REST pages write it so.
        ("NOT annotationSpecId:*", [""]),
        ("annotation-spec-id=4", ["4"]),
    ],
)
def test_evaluations_can_be_filtered_by_label(text: str, passing: list[str]) -> None:
    assert list(filter(parse_label_filter(text), ["", "4", "5"])) == passing


@pytest.mark.parametrize(
    "text", ["display_name=red", "NOT annotation_spec_id=4", "annotation_spec_id", 'annotation_spec_id="4', "*"]
)
def test_an_unsupported_evaluation_filter_is_rejected(text: str) -> None:
    with pytest.raises(ApiError, match=r"use annotation_spec_id=ID, .*NOT annotation_spec_id:\*") as caught:
        parse_label_filter(text)

    assert caught.value.details[0].field_violations[0].field == "filter"
