"""Programs on the same port as the pages."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from lib.domain.images import Image, ImageLimits, PreparedImage
from lib.domain.sessions import ShareTerms
from lib.images.preparation import prepare_image
from lib.settings import ROOT
from lib.store import Store
from tests.builders.image_metadata import SECRETS, make_plain_jpeg, make_telling_jpeg
from tests.stand_ins.app_server import AppServer

PARENT = "v1/projects/second-look/locations/us-central1"
ESPRESSO = base64.b64encode((ROOT / "samples/espresso.jpg").read_bytes()).decode()


def find_model(base_url: str, version: str) -> str:
    models = httpx.get(f"{base_url}/{PARENT}/models").json()["model"]
    return str(next(model["name"] for model in models if model["displayName"] == version))


@pytest.mark.parametrize("api", ["v1", "v1beta1"])
def test_the_request_in_googles_guide_gets_the_documented_response(base_url: str, api: str) -> None:
    model = find_model(base_url, "v1")
    body = {"payload": {"image": {"imageBytes": ESPRESSO}}}

    answer = httpx.post(f"{base_url}/{api}/{model}:predict", json=body)

    assert answer.status_code == 200
    (best,) = answer.json()["payload"]  # no other label reaches AutoML's own threshold of 0.5
    assert best["displayName"] == "espresso"
    assert best["classification"]["score"] == pytest.approx(0.95, abs=0.05)


def test_an_error_is_json_in_googles_format(base_url: str) -> None:
    answer = httpx.post(f"{base_url}/{PARENT}/models/ICN404:predict", json={})

    assert answer.status_code == 404
    assert answer.json()["error"]["status"] == "NOT_FOUND"


def test_the_health_check_reports_a_running_server(base_url: str) -> None:
    assert httpx.get(f"{base_url}/healthz").json()["status"] == "ok"


@pytest.fixture
def kept_image(app_server: AppServer) -> Iterator[tuple[str, PreparedImage]]:
    """The id of a session in the server's own store, and the image in it."""
    store = Store(f"sqlite:///{app_server.data_dir / 'second-look.db'}", str(app_server.data_dir / "images"))
    session = store.sessions.create("Kept", datetime.now(UTC))
    prepared = prepare_image((ROOT / "samples/cat.jpg").read_bytes(), "cat.jpg", ImageLimits())
    store.images.add(session.id, prepared, datetime.now(UTC))
    yield session.id, prepared
    store.close()


def test_images_are_served_under_the_id_of_their_session(
    app_server: AppServer, kept_image: tuple[str, PreparedImage]
) -> None:
    session_id, prepared = kept_image
    address = f"{app_server.url}/pictures/{session_id}/{prepared.image.sha256}"

    sent, small = httpx.get(address), httpx.get(f"{address}/small")

    assert (sent.content, sent.headers["content-type"]) == (prepared.content, "image/jpeg")
    assert (small.content, small.headers["content-type"]) == (prepared.thumbnail, "image/jpeg")


@pytest.mark.parametrize("end", ["", "/small"])
def test_images_are_cached_privately_for_a_minute(
    app_server: AppServer, kept_image: tuple[str, PreparedImage], end: str
) -> None:
    session_id, prepared = kept_image
    address = f"{app_server.url}/pictures/{session_id}/{prepared.image.sha256}{end}"

    first = httpx.get(address)
    again = httpx.get(address, headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    for answer in (first, again):
        assert answer.headers["cache-control"] == "private, max-age=60, must-revalidate"
        assert "cookie" in answer.headers["vary"].lower()


def test_a_cached_image_is_not_shown_after_its_link_is_revoked(
    app_server: AppServer, kept_image: tuple[str, PreparedImage]
) -> None:
    session_id, prepared = kept_image
    store = Store(f"sqlite:///{app_server.data_dir / 'second-look.db'}", str(app_server.data_dir / "images"))
    now = datetime.now(UTC)
    token = store.sharing.add(session_id, ShareTerms("", None), "", now)
    address = f"{app_server.url}/shared-pictures/{token}/{prepared.image.sha256}/small"
    tag = {"If-None-Match": httpx.get(address).headers["etag"]}

    before = httpx.get(address, headers=tag).status_code
    store.sharing.revoke(session_id, store.sharing.find(session_id)[0].number, now)
    after = httpx.get(address, headers=tag).status_code
    store.close()

    assert (before, after) == (304, 404)


def test_images_stored_with_metadata_are_served_without_it(app_server: AppServer) -> None:
    content = make_telling_jpeg()
    image = Image(hashlib.sha256(content).hexdigest(), "old.jpg", "image/jpeg", 32, 16, len(content))
    thumbnail = prepare_image(content, "old.jpg", ImageLimits()).thumbnail
    store = Store(f"sqlite:///{app_server.data_dir / 'second-look.db'}", str(app_server.data_dir / "images"))
    with closing(store):
        session = store.sessions.create("Old", datetime.now(UTC))
        store.images.add(session.id, PreparedImage(image, content, thumbnail), datetime.now(UTC))
        token = store.sharing.add(session.id, ShareTerms(), "Ada", datetime.now(UTC))

    addresses = [f"pictures/{session.id}/{image.sha256}", f"shared-pictures/{token}/{image.sha256}"]
    sent = [httpx.get(f"{app_server.url}/{address}{small}") for address in addresses for small in ("", "/small")]

    assert [answer.status_code for answer in sent] == [200] * 4
    assert [secret for answer in sent for secret in SECRETS if secret in answer.content] == []
    assert sent[0].content == sent[2].content == make_plain_jpeg()


@pytest.mark.parametrize("path", ["/pictures/{other}/{sha256}", "/pictures/{session}/{unknown}", "/exports/guessed"])
def test_unknown_addresses_are_not_found(
    app_server: AppServer, kept_image: tuple[str, PreparedImage], path: str
) -> None:
    session_id, prepared = kept_image
    names = {"other": "nobody", "session": session_id, "sha256": prepared.image.sha256, "unknown": "0" * 64}

    assert httpx.get(app_server.url + path.format(**names)).status_code == 404


def find_listening_ports(pid: int) -> set[int]:
    """TCP ports on which a process listens. Source: proc_pid_fd(5), proc_pid_net(5); 0A is the state of listening."""
    tables = [Path(f"/proc/{pid}/net/{name}").read_text(encoding="ascii") for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()]
    ports = {f"socket:[{row[9]}]": int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}
    return {ports[link] for file in Path(f"/proc/{pid}/fd").iterdir() if (link := read_link(file)) in ports}


def read_link(file: Path) -> str:
    try:
        return str(file.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


def test_the_app_listens_on_one_port(app_server: AppServer) -> None:
    assert httpx.get(f"{app_server.url}/{PARENT}/models").status_code == 200

    assert find_listening_ports(app_server.pid) == {app_server.port}


def ask(url: str, **headers: str) -> dict[str, str]:
    """Headers of the answer. (httpx takes no answer that switches protocols.)"""
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.request(
            "GET", parts.path, headers={name.replace("_", "-"): words for name, words in headers.items()}
        )
        return {name.lower(): words for name, words in connection.getresponse().getheaders()}


def check_headers(headers: dict[str, str]) -> None:
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert {"'unsafe-inline'", "'unsafe-eval'"}.isdisjoint(policy["script-src"].split())
    assert "server" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=(self)" in headers["permissions-policy"]
    assert "microphone=()" in headers["permissions-policy"]


@pytest.mark.parametrize(
    "path",
    ["/", "/history", "/readyz", "/metrics", "/nothing", f"/{PARENT}/models", "/pictures/none/none", "/_stcore/health"],
)
def test_every_response_has_security_headers_and_no_server_name(base_url: str, path: str) -> None:
    check_headers(ask(f"{base_url}{path}"))


def test_the_websocket_handshake_has_security_headers(base_url: str) -> None:
    key = {"Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    headers = ask(f"{base_url}/_stcore/stream", Connection="Upgrade", Upgrade="websocket", **key)

    assert headers["upgrade"] == "websocket"
    check_headers(headers)


@pytest.mark.parametrize("path", ["/", "/metrics", f"/{PARENT}/models", "/pictures/none/none", "/_stcore/health"])
def test_requests_for_other_host_names_are_refused(base_url: str, path: str) -> None:
    refused = httpx.get(f"{base_url}{path}", headers={"Host": "evil.example"})

    assert (refused.status_code, refused.text[:35]) == (403, "This server has another host name. ")
    check_headers(dict(refused.headers))


def test_websockets_for_other_host_names_are_refused(base_url: str) -> None:
    key = {"Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    own = urlsplit(base_url).netloc

    opened, refused = (
        "upgrade" in ask(f"{base_url}/_stcore/stream", Host=host, Connection="Upgrade", Upgrade="websocket", **key)
        for host in (own, "evil.example")
    )

    assert (opened, refused) == (True, False)
