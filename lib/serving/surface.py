"""All methods of both API versions, with their HTTP rules, from surface.json.

The rules are those of Google's official client; a test compares the file with the installed client.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HttpRule:
    """One way to call a method over REST, after google.api.http.

    `method` is the full name, such as `google.cloud.automl.v1.AutoMl/GetModel`. `template` is the path with variables,
    such as `/v1/{name=projects/*/locations/*/models/*}`. `body` names the field that the request's body fills: `*` for
    the whole message, empty where there is no body.
    """

    method: str
    verb: str
    template: str
    body: str


_FILE = Path(__file__).with_name("surface.json")
HTTP_RULES = tuple(HttpRule(*row) for row in json.loads(_FILE.read_text(encoding="utf-8")))
METHOD_NAMES = tuple(dict.fromkeys(rule.method for rule in HTTP_RULES))
