"""Links from earlier releases open the same page with the same choices."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from lib.web.base_path import BasePath
from lib.web.old_addresses import OldAddresses, find_current_address


@pytest.mark.parametrize(
    ("path", "query", "current"),
    [
        ("/probe", "", "/robustness"),
        ("/probe/", "session=a", "/robustness?session=a"),
        ("/log", "", "/audit_log"),
        ("/models", "service=vertex&project=p", "/models?provider=vertex&project=p"),
        ("/", "service=built-in&versions=v1&versions=v2", "/?provider=built-in&versions=v1&versions=v2"),
        ("/history", "session=a&view=matrix&part=Take+it+along", "/history?session=a&view=matrix&part=Export"),
        (
            "/history",
            "rows=a+fix&rows=wrong&sort=slowest+answer",
            "/history?rows=Fix&rows=Wrong&sort=Slowest+prediction",
        ),
        ("/probe", "probing=Where+it+looks", "/robustness?probing=Saliency"),
        ("/shared", "share=t&shared-part=Take+it+along", "/shared?share=t&shared-part=Export"),
    ],
)
def test_an_old_address_redirects_to_the_current_page(path: str, query: str, current: str) -> None:
    assert find_current_address(path, query) == current


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", ""),
        ("/history", "session=a&view=matrix&part=Export&rows=Fix"),
        ("/robustness", "image=%2F%2Fevil.example&title=a+fix"),
        ("/log.csv", ""),
        ("/v1/projects/p/locations/eu/models", "service=vertex"),
        ("//evil.example", "service=vertex"),
    ],
)
def test_other_addresses_are_not_redirected(path: str, query: str) -> None:
    assert find_current_address(path, query) is None


@pytest.mark.parametrize("prefix", ["", "/look"])
def test_redirects_are_permanent_and_use_the_base_path(prefix: str) -> None:
    base = BasePath(prefix)
    client = TestClient(OldAddresses(PlainTextResponse("page"), base=base), follow_redirects=False)

    answers = [client.get(f"{prefix}/probe?service=vertex"), client.get(f"{prefix}/robustness")]

    assert [answer.status_code for answer in answers] == [308, 200]
    assert answers[0].headers["location"] == f"{prefix}/robustness?provider=vertex"


def test_only_pages_that_are_opened_are_redirected() -> None:
    client = TestClient(OldAddresses(PlainTextResponse("page"), base=BasePath()), follow_redirects=False)

    assert client.post("/probe").status_code == 200
