"""Strategies for calls that a program, a mistake or an attacker might send to the REST front."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

from hypothesis import strategies as st

from lib.serving.automl.http_rules import HTTP_RULES, HttpRule
from tests.builders.exports import make_picture

LOCATION = "projects/p/locations/eu"
_PICTURE = base64.b64encode(make_picture()).decode()
# Words that mean something to the service, among those that do not: a field reached is a field tested.
_FIELDS = [
    *("name", "parent", "payload", "image", "imageBytes", "image_bytes", "thumbnailUri", "params", "score_threshold"),
    *("filter", "pageSize", "page_size", "pageToken", "timeout", "alt", "$alt", "document", "textSnippet", "content"),
    *("imageClassificationModelDeploymentMetadata", "nodeCount", "@type", "model", "dataset", "documentText", "layout"),
]
_VALUES = [
    *("", "-", "*", "0.5", "1e400", "-1", "9" * 400, "NaN", "1s", "-1s", "999999999999s", "json;enum-encoding=int"),
    *("annotation_spec_id:*", "dataset_id=1", f"{LOCATION}/models/ICN1", _PICTURE, "AAAA", "=", "\x00", "\ud800", "İ"),
]
# Text as JSON knows it: with halves of characters.
_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
_NUMBERS = st.integers() | st.floats() | st.sampled_from([2**31, -(2**63), 2**64, 10**300, 1e308, 5e-324])
_LEAVES = st.none() | st.booleans() | _NUMBERS | _TEXT | st.sampled_from(_VALUES)
_NAMES = st.sampled_from(_FIELDS) | _TEXT
ANY_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=12
)


@dataclass(frozen=True)
class Call:
    """An HTTP call; `target` is a path with its query, in ASCII."""

    verb: str
    target: str
    body: bytes


def make_nested(depth: int, opening: str, closing: str) -> bytes:
    """JSON of one value within another, `depth` times."""
    return (opening * depth + "1" + closing * depth).encode()


def make_body(fields: dict[str, Any]) -> bytes:
    """A body that is JSON."""
    return json.dumps(fields).encode()


def any_paths() -> st.SearchStrategy[str]:
    """Text with slashes, percent-encoded; some of it is not UTF-8."""
    text = st.text(max_size=30).map(lambda path: quote(path, safe="/:*-"))
    return text | st.binary(max_size=20).map(lambda path: quote_from_bytes(path, safe="/"))


def any_queries() -> st.SearchStrategy[str]:
    """Parameters with names that are known or not; some are not parameters at all."""
    encodable = st.text(max_size=15)
    pairs = st.tuples(st.sampled_from(_FIELDS) | encodable, st.sampled_from(_VALUES).filter(_encodable) | encodable)
    garbage = st.binary(max_size=15).map(quote_from_bytes)
    return st.lists(pairs, max_size=4).map(urlencode) | garbage


def any_bodies() -> st.SearchStrategy[bytes]:
    """JSON, JSON in other encodings than UTF-8, JSON that never ends, and bytes."""
    written = ANY_JSON.map(json.dumps)
    nested = st.builds(
        make_nested, st.integers(1, 50_000), st.sampled_from(["[", '{"payload":', '{"a":']), st.sampled_from(["]", "}"])
    )
    encodings = st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1"])
    return (
        st.binary() | st.builds(str.encode, written, encodings) | nested | written.map(lambda text: text[:-1].encode())
    )


def any_calls() -> st.SearchStrategy[Call]:
    """Arbitrary calls, few of which reach a method."""
    verbs = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "BREW"])
    paths = any_paths().map(lambda path: "/" + path) | _rules().map(lambda rule: rule.template.partition("{")[0])
    return st.builds(_make_call, verbs, paths, any_queries(), any_bodies())


@st.composite
def known_calls(draw: st.DrawFn, names: list[str]) -> Call:
    """Valid calls of the API's methods, with the existing resource `names` wherever a name may appear."""
    rule = draw(_rules())
    start, _, rest = rule.template.partition("{")
    path = start + draw(st.sampled_from([*names, LOCATION]) | any_paths()) + rest.partition("}")[2]
    return _make_call(rule.verb, path, draw(any_queries()), draw(any_bodies()))


def any_payloads() -> st.SearchStrategy[Any]:
    """Payloads of a prediction: an image, or anything."""
    return st.just({"image": {"imageBytes": _PICTURE}}) | ANY_JSON


def any_params() -> st.SearchStrategy[Any]:
    """Parameters of a prediction: a threshold that is a number or a text, or anything."""
    thresholds = st.floats().map(str) | st.sampled_from(_VALUES) | st.text()
    return st.dictionaries(st.sampled_from(["score_threshold", "score-threshold"]), thresholds) | ANY_JSON


def any_deployments() -> st.SearchStrategy[Any]:
    """Metadata of a deployment: a number of nodes, or anything."""
    return st.fixed_dictionaries({"nodeCount": st.integers(-5, 110) | _LEAVES}) | ANY_JSON


def _rules() -> st.SearchStrategy[HttpRule]:
    return st.sampled_from(HTTP_RULES)


def _make_call(verb: str, path: str, query: str, body: bytes) -> Call:
    return Call(verb, f"{path}?{query}" if query else path, body)


def _encodable(text: str) -> bool:
    return "\ud800" not in text
