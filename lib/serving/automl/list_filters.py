"""Filter expressions of list requests."""

import re
from collections.abc import Callable

from lib.serving.api_errors import ApiError, invalid_field

# The kinds of models and datasets in AutoML; this service has image classification only.
_KINDS = r"(?P<kind>image_classification|image_object_detection|video_\w+|text_\w+|tables|translation)"
_EXPRESSION = re.compile(
    rf"\s*(?:{_KINDS}_(?P<resource>model|dataset)_metadata\s*:\s*\*"
    r'|dataset_id\s*(?P<operator>!?=)\s*"?(?P<dataset_id>\w+)"?)\s*'
)

# Google documents the field in camelCase for REST and in snake_case in the proto, where it also accepts kebab-case.
_LABEL_FIELD = r"(?:annotation[_-]spec[_-]id|annotationSpecId)"
_LABEL_EXPRESSION = re.compile(
    rf"\s*(?:(?P<negated>NOT\s+)?{_LABEL_FIELD}\s*:\s*\*"
    rf'|{_LABEL_FIELD}\s*(?P<operator>!?=)\s*(?P<quote>"?)(?P<id>[\w-]+)(?P=quote))\s*'
)


def parse_filter(text: str, resource: str) -> Callable[[str], bool]:
    """Return a predicate on dataset IDs for the filter `text` of models or datasets; an empty filter passes all.

    `resource` is `model` or `dataset`. `image_classification_model_metadata:*` (with `dataset` for datasets) passes
    all, the same filter for another kind passes none. Models can also be filtered by `dataset_id=ID` and
    `dataset_id!=ID`. Raises ApiError for any other filter.
    """
    if not text.strip():
        return lambda _: True
    found = _EXPRESSION.fullmatch(text)
    if found and found["resource"] == resource:
        passes = found["kind"] == "image_classification"
        return lambda _: passes
    if found and found["dataset_id"] and resource == "model":
        wanted, is_equal = found["dataset_id"], found["operator"] == "="
        return lambda dataset_id: (dataset_id == wanted) == is_equal
    raise _invalid_filter(text, _examples(resource))


def parse_label_filter(text: str) -> Callable[[str], bool]:
    """Return a predicate on annotation spec IDs for the filter `text` of evaluations.

    The ID is empty for the overall evaluation. An empty filter passes all, `annotation_spec_id:*` those of labels,
    `NOT annotation_spec_id:*` the overall one; `=ID` and `!=ID` compare. Raises ApiError for any other filter.
    """
    if not text.strip():
        return lambda _: True
    found = _LABEL_EXPRESSION.fullmatch(text)
    if found is None:
        raise _invalid_filter(
            text, "annotation_spec_id=ID, annotation_spec_id!=ID, annotation_spec_id:* or NOT annotation_spec_id:*"
        )
    if found["id"] is None:
        is_overall = found["negated"] is not None
        return lambda spec_id: (not spec_id) == is_overall
    wanted, is_equal = found["id"], found["operator"] == "="
    return lambda spec_id: (spec_id == wanted) == is_equal


def _invalid_filter(text: str, examples: str) -> ApiError:
    return invalid_field("filter", f"The filter {text!r} is not supported: use {examples}.")


def _examples(resource: str) -> str:
    by_kind = f"image_classification_{resource}_metadata:*"
    return by_kind if resource == "dataset" else f"{by_kind}, dataset_id=ID or dataset_id!=ID"
