"""Pages and filters of lists."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from lib.serving.api_errors import invalid_field

_MOST_PER_PAGE = 1000
_PER_PAGE = 100
Item = TypeVar("Item")


def cut_page(items: Sequence[Item], page_size: int, page_token: str) -> tuple[Sequence[Item], str]:
    """One page of `items`, and the token of the next page, which is empty on the last one.

    A `page_size` of 0 leaves the size to the service. Raises Refused for a negative size or a token of nobody's.
    """
    if page_size < 0:
        raise invalid_field("page_size", f"The page size must not be negative, and is {page_size}.")
    start = _start(page_token, len(items))
    end = start + min(page_size or _PER_PAGE, _MOST_PER_PAGE)
    return items[start:end], str(end) if end < len(items) else ""


def _start(page_token: str, count: int) -> int:
    """Index that a token stands for: what is served does not change, so an index is all that a token needs."""
    if not page_token:
        return 0
    if not re.fullmatch("[0-9]{1,9}", page_token) or int(page_token) > count:
        raise invalid_field("page_token", "The page token is not one that this service gave.")
    return int(page_token)


# What a model or dataset may be of; everything here is of image classification.
_KINDS = r"(?P<kind>image_classification|image_object_detection|video_\w+|text_\w+|tables|translation)"
_EXPRESSION = re.compile(
    rf"\s*(?:{_KINDS}_(?P<resource>model|dataset)_metadata\s*:\s*\*"
    r'|dataset_id\s*(?P<equal>!?=)\s*"?(?P<dataset_id>\w+)"?)\s*'
)

# Google's REST pages write the field in camelCase, its proto in snake_case, for which it takes kebab-case as well.
_LABEL_FIELD = r"(?:annotation[_-]spec[_-]id|annotationSpecId)"
_LABEL_EXPRESSION = re.compile(
    rf"\s*(?:(?P<lacking>NOT\s+)?{_LABEL_FIELD}\s*:\s*\*"
    rf'|{_LABEL_FIELD}\s*(?P<equal>!?=)\s*(?P<quote>"?)(?P<id>[\w-]+)(?P=quote))\s*'
)


def read_filter(text: str, resource: str) -> Callable[[str], bool]:
    """Whether an item of a dataset id passes the filter `text`; an empty one lets all pass.

    `resource` is `model` or `dataset`. `image_classification_model_metadata:*` (with `dataset` for datasets) passes
    all, the same of another kind none; models can be filtered by `dataset_id=ID` and `dataset_id!=ID`. Raises Refused
    for anything else.
    """
    if not text.strip():
        return lambda _: True
    found = _EXPRESSION.fullmatch(text)
    if found and found["resource"] == resource:
        passes = found["kind"] == "image_classification"
        return lambda _: passes
    if found and found["dataset_id"] and resource == "model":
        wanted, same = found["dataset_id"], found["equal"] == "="
        return lambda dataset_id: (dataset_id == wanted) == same
    raise invalid_field("filter", f"The filter {text!r} is not understood: use {_examples(resource)}.")


def read_label_filter(text: str) -> Callable[[str], bool]:
    """Whether an evaluation of an annotation spec id, empty for the overall one, passes the filter `text`.

    An empty filter lets all pass, `annotation_spec_id:*` those of single labels, `NOT annotation_spec_id:*` the overall
    one; `annotation_spec_id=ID` and `annotation_spec_id!=ID` do what they say. Raises Refused for anything else.
    """
    if not text.strip():
        return lambda _: True
    found = _LABEL_EXPRESSION.fullmatch(text)
    if found is None:
        examples = "annotation_spec_id=ID, annotation_spec_id!=ID, annotation_spec_id:* or NOT annotation_spec_id:*"
        raise invalid_field("filter", f"The filter {text!r} is not understood: use {examples}.")
    if found["id"] is None:
        overall = found["lacking"] is not None
        return lambda spec_id: (not spec_id) == overall
    wanted, same = found["id"], found["equal"] == "="
    return lambda spec_id: (spec_id == wanted) == same


def _examples(resource: str) -> str:
    by_kind = f"image_classification_{resource}_metadata:*"
    return by_kind if resource == "dataset" else f"{by_kind}, dataset_id=ID or dataset_id!=ID"
