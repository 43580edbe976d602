"""A visit without a browser: what a page's script in the browser does to open its WebSocket."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

XSRF = "_streamlit_xsrf"


def open_socket(url: str, origin: str | None, cookies: Mapping[str, str] | None = None) -> ClientConnection:
    """Open the WebSocket of the app at this URL; raises InvalidStatus where it is refused."""
    known = dict(cookies or {})
    protocols = [Subprotocol("streamlit"), *([Subprotocol(known[XSRF])] if XSRF in known else [])]
    return connect(
        f"ws://{urlsplit(url).netloc}{urlsplit(url).path}/_stcore/stream",
        origin=Origin(origin) if origin is not None else None,
        subprotocols=protocols,
        additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in known.items())},
        max_size=None,
        # What nobody reads must not hold up the closing frame: closing would wait for its time-out.
        max_queue=None,
        proxy=None,
    ).__enter__()


class Visit:
    """A page that somebody has open, with the cookies of their browser."""

    def __init__(self, url: str, cookies: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.cookies = dict(cookies or {})
        self.cookies.setdefault(XSRF, httpx.get(f"{url}/_stcore/health").cookies[XSRF])
        parts = urlsplit(url)
        self._socket = open_socket(url, f"{parts.scheme}://{parts.netloc}", self.cookies)
        rerun = BackMsg()
        rerun.rerun_script.query_string = ""
        self._socket.send(rerun.SerializeToString())
        self.id = self._find_id()

    def put(self, file: str, content: bytes, visit: str | None = None) -> httpx.Response:
        """Upload a file, to this visit or to another one."""
        headers = {"X-Xsrftoken": self.cookies[XSRF]}
        files = {"file": ("a.jpg", content)}
        return httpx.put(self._address(visit or self.id, file), files=files, headers=headers, cookies=self.cookies)

    def put_in_chunks(self, file: str, **said: str) -> httpx.Response:
        """Upload a file in pieces, saying that of it."""
        headers = {"X-Xsrftoken": self.cookies[XSRF], "Transfer-Encoding": "chunked", **said}
        return httpx.put(self._address(self.id, file), content=iter([b"x"]), headers=headers, cookies=self.cookies)

    def delete(self, file: str, visit: str | None = None) -> httpx.Response:
        """Take an uploaded file away."""
        headers = {"X-Xsrftoken": self.cookies[XSRF]}
        return httpx.delete(self._address(visit or self.id, file), headers=headers, cookies=self.cookies)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def _address(self, visit: str, file: str) -> str:
        return f"{self.url}/_stcore/upload_file/{visit}/{file}"

    def _find_id(self) -> str:
        while True:
            message = ForwardMsg()
            frame = self._socket.recv(timeout=60)
            message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode())
            if message.WhichOneof("type") == "new_session":
                return message.new_session.initialize.session_id
