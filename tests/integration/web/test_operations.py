"""What an operator sees of a running server: health, figures, log, and what it answers at unknown addresses."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from lib.domain.sessions import ShareTerms
from lib.store import Store
from lib.ui.predict.image_intake import INTAKE_KEY
from tests.browser.sign_in.signing_in import open_store
from tests.builders.figures import parse_figures, sum_figures
from tests.stand_ins.app_server import AppServer
from tests.stand_ins.openid_provider import OpenIdProvider
from tests.stand_ins.visitor import Visitor

ASK = "/v1/projects/second-look/locations/us-central1/models"
WITHIN_S = 60
WORKING = {"images": "ok", "prediction_service": "ok"}
# LiteRT prints this in its worker process, past all loggers.
NATIVE_LINE = "INFO: Created TensorFlow Lite XNNPACK delegate for CPU."
PREDICTED = {"provider": "built-in", "outcome": "ok"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server without sign-in, whose log is for programs."""
    with AppServer(tmp_path_factory.mktemp("app"), SECOND_LOOK_LOG_FORMAT="json") as server:
        yield server


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server below /look, with people who sign in: Ada is an admin, Grace a reviewer."""
    folder = tmp_path_factory.mktemp("app")
    people = {"SECOND_LOOK_ADMINS": "ada@example.com", "SECOND_LOOK_REVIEWERS": "grace@example.com"}
    secrets = {"STREAMLIT_SECRETS_FILES": str(folder / "secrets.toml"), "STREAMLIT_SERVER_BASE_URL_PATH": "look"}
    server = AppServer(folder, SECOND_LOOK_LOG_FORMAT="json", **people, **secrets)
    OpenIdProvider(folder).write_secrets(folder / "secrets.toml", server.url)
    with server:
        yield server


@pytest.fixture(scope="module")
def store(signed: AppServer) -> Iterator[Store]:
    """The signed-in server's own store, opened beside it."""
    with closing(open_store(signed)) as store:
        yield store


def read_metrics(url: str, **headers: str) -> str:
    return httpx.get(f"{url}/metrics", headers=headers).raise_for_status().text


def read_figure(url: str, name: str, **labels: str) -> float:
    """The sum of the samples of this name that have these labels."""
    return sum_figures(read_metrics(url), name, **labels)


def wait_for_figure(url: str, name: str, value: float, **labels: str) -> None:
    until = time.monotonic() + WITHIN_S
    while read_figure(url, name, **labels) < value:
        assert time.monotonic() < until, read_metrics(url)


def read_log(server: AppServer, event: str) -> list[dict[str, object]]:
    """The lines about this event; every line of ours is a JSON object."""
    whole = server.log.rpartition("\n")[0]  # the last line may be half written
    lines = [line for line in whole.splitlines() if line.startswith("{")]
    return [entry for line in lines if (entry := json.loads(line))["event"] == event]


def wait_for_line(server: AppServer, answer: httpx.Response) -> dict[str, object]:
    """The line about the request with this response, which is written after the response is sent."""
    until = time.monotonic() + WITHIN_S
    while True:
        lines = [line for line in read_log(server, "request") if line["request_id"] == answer.headers["x-request-id"]]
        if lines:
            (line,) = lines
            return line
        assert time.monotonic() < until, server.log


@pytest.fixture(scope="module")
def predicted(server: AppServer) -> AppServer:
    """The server after two versions have predicted one sample."""
    with Visitor(server.url) as visitor:
        visitor.open()
        visitor.set(INTAKE_KEY, string_value="Samples")
        visitor.click("sample-button-espresso.jpg")
        wait_for_figure(server.url, "second_look_jobs", 1, kind="prediction", state="finished")
    return server


def test_figures_count_a_real_prediction(predicted: AppServer) -> None:
    by_version = {
        each.labels["version"]: each.value
        for each in parse_figures(read_metrics(predicted.url))
        if each.name == "second_look_predictions_total" and PREDICTED.items() <= each.labels.items()
    }

    assert by_version == {"imagenet v1": 1, "imagenet v2": 1}
    assert read_figure(predicted.url, "second_look_prediction_seconds_count", provider="built-in") == 2
    assert read_figure(predicted.url, "second_look_prediction_seconds_sum", provider="built-in") > 0
    assert read_figure(predicted.url, "second_look_jobs", kind="prediction") == 1
    assert read_figure(predicted.url, "second_look_queue") == 0
    assert read_figure(predicted.url, "second_look_sessions", state="active") == 1
    assert read_figure(predicted.url, "second_look_workers", kind="image") >= 1
    assert read_figure(predicted.url, "second_look_workers", kind="model") >= 1
    assert read_figure(predicted.url, "second_look_database_seconds_count", statement="insert") > 0
    assert read_figure(predicted.url, "second_look_database_errors_total") == 0
    assert read_figure(predicted.url, "process_resident_memory_bytes") > 0


def test_each_prediction_is_a_line_of_the_log(predicted: AppServer) -> None:
    entries = read_log(predicted, "prediction")

    assert sorted(str(entry["version"]) for entry in entries) == ["imagenet v1", "imagenet v2"]
    assert {(entry["provider"], entry["outcome"]) for entry in entries} == {("built-in", "ok")}
    assert all(isinstance(entry["latency_s"], float) for entry in entries)
    assert len({(entry["session"], entry["job"]) for entry in entries}) == 1
    assert "espresso" not in predicted.log


def test_each_request_is_a_line_of_the_log_with_the_id_that_the_client_gets(server: AppServer) -> None:
    asked = httpx.get(f"{server.url}{ASK}?pageSize=7", headers={"X-Request-ID": "trace-42"})
    unasked = httpx.get(f"{server.url}/exports/7f7f7f7f")

    line, other = (wait_for_line(server, answer) for answer in (asked, unasked))
    assert asked.headers["x-request-id"] == "trace-42"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/{path}", 200)
    assert (other["method"], other["path"], other["status"]) == ("GET", "/exports/{token}", 404)
    assert "7f7f7f7f" not in server.log
    assert "pageSize" not in server.log


def test_the_whole_log_has_one_format(predicted: AppServer) -> None:
    lines = predicted.log.split("URL: ")[1].splitlines()[1:]  # behind what Streamlit prints for people

    assert {line for line in lines if line and not line.startswith("{")} <= {NATIVE_LINE}


@pytest.mark.parametrize(
    "path",
    [
        "/robots.txt",
        "/nothing",
        "/history/nothing",
        "/index.php",
        "/_stcore/nothing",
        "/static/js/none.js",
        "/v2/models",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_unknown_addresses_are_not_found(server: AppServer, path: str, method: str) -> None:
    assert httpx.request(method, f"{server.url}{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/predict",
        "/history?session=a",
        "/compare",
        "/review",
        "/robustness",
        "/models",
        "/audit_log",
        "/shared?share=x",
    ],
)
def test_pages_open_by_their_addresses(server: AppServer, signed: AppServer, path: str) -> None:
    for url in (server.url, signed.url):
        page = httpx.get(f"{url}{path}", headers={"Accept": "text/html"}, follow_redirects=True)

        assert (page.status_code, "second-look.js" in page.text) == (200, True)


def test_files_and_old_addresses_are_served(server: AppServer, signed: AppServer) -> None:
    for url in (server.url, signed.url):
        assert httpx.get(f"{url}/favicon.png").headers["content-type"] == "image/png"
        assert httpx.get(f"{url}/probe?session=a").status_code == 308
        assert httpx.get(f"{url}/history/").status_code == 301


def test_below_a_base_path_nothing_else_is_found(signed: AppServer) -> None:
    root = signed.url.removesuffix("/look")

    codes = [
        httpx.get(f"{root}{path}").status_code for path in ("/", "/history", "/metrics", "/look/nothing", "/lookx")
    ]

    assert codes == [404] * 5
    assert [httpx.get(f"{root}{path}/livez").status_code for path in ("", "/look")] == [200, 200]


def test_where_people_sign_in_figures_need_an_admins_token(signed: AppServer, store: Store) -> None:
    now = datetime.now(UTC)
    tokens = {who: store.people.add_token("", f"{who}@example.com", now) for who in ("ada", "grace", "gone")}

    codes = {
        who: httpx.get(f"{signed.url}/metrics", headers={"Authorization": f"Bearer {token}"}).status_code
        for who, token in {**tokens, "guessed": "0" * 48}.items()
    }

    assert codes == {"ada": 200, "grace": 403, "gone": 401, "guessed": 401}
    assert httpx.get(f"{signed.url}/metrics").status_code == 401
    assert httpx.get(f"{signed.url}/readyz").status_code == 200
    assert "second_look_sessions" in read_metrics(signed.url, Authorization=f"Bearer {tokens['ada']}")


def test_no_token_is_in_the_log(signed: AppServer, store: Store) -> None:
    now = datetime.now(UTC)
    token = store.people.add_token("", "ada@example.com", now)
    share = store.sharing.add(store.sessions.create("Shared", now).id, ShareTerms(), "ada@example.com", now)
    shown = {"Authorization": f"Bearer {token}", "Cookie": f"_streamlit_user={token}"}
    paths = [
        f"/shared?share={share}",
        f"/shared%3Fshare={share}",
        f"/shared/{share}",
        f"/{share}",
        f"/shared-pictures/{share}/{'0' * 64}/small",
        f"/shared-exports/{share}/{share}",
        f"/v1/{share}",
        f"/v1/projects/p:{token}",
        f"/metrics?token={token}",
        ASK,
    ]

    with Visitor(signed.url) as visitor:
        visitor.open("shared", share=share)
    answers = [httpx.get(f"{signed.url}{path}", headers=shown) for path in paths]

    assert answers[-1].status_code == 200
    assert len({wait_for_line(signed, answer)["path"] for answer in answers}) > 5
    assert [secret for secret in (token, share, "ada@example.com") if secret in signed.log] == []


def wait_until_unready(server: AppServer) -> dict[str, str]:
    """The parts of the server, as soon as one has failed."""
    until = time.monotonic() + WITHIN_S
    while (answer := httpx.get(f"{server.url}/readyz", timeout=WITHIN_S)).status_code == 200:
        assert time.monotonic() < until, answer.text
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    return dict(answer.json()["parts"])


def test_a_server_whose_data_is_lost_is_alive_but_not_ready(tmp_path: Path) -> None:
    database = tmp_path / "second-look.db"
    with AppServer(tmp_path, SECOND_LOOK_LOG_FORMAT="json") as server:
        assert httpx.get(f"{server.url}/readyz").json()["status"] == "ok"
        with database.open("r+b") as file:
            file.write(b"\xa5" * database.stat().st_size)
        damaged = wait_until_unready(server)
        shutil.rmtree(tmp_path / "images")
        until = time.monotonic() + WITHIN_S
        while (lost := wait_until_unready(server))["images"] == "ok":
            assert time.monotonic() < until
        alive = httpx.get(f"{server.url}/livez")
        old_name = httpx.get(f"{server.url}/healthz")

    assert damaged == {"database": "is damaged", "migrations": damaged["migrations"], **WORKING}
    assert (lost["database"], lost["images"]) == ("is damaged", "the place is missing")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (old_name.status_code, old_name.json()["parts"]) == (503, lost)
    assert ("database", "is damaged") in [(entry["part"], entry["reason"]) for entry in read_log(server, "not ready")]
