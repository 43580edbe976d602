"""A visitor without a browser: opens pages and uses their widgets over the WebSocket, as Streamlit's own client."""

from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

_WITHIN_S = 60
_PAGE_BYTES = 64 << 20
_TO_BE_CONTINUED = ForwardMsg.FINISHED_EARLY_FOR_RERUN


class Visitor:
    """One person with one window. Every call returns when the page is drawn."""

    def __init__(self, base_url: str) -> None:
        address = base_url.replace("http", "ws", 1) + "/_stcore/stream"
        origin = Origin(str(httpx.URL(base_url).copy_with(path="")))
        self._connection = ExitStack()
        self._socket = self._connection.enter_context(
            connect(address, origin=origin, subprotocols=[Subprotocol("streamlit")], max_size=_PAGE_BYTES)
        )
        self._states: dict[str, WidgetState] = {}
        self._parameters: dict[str, list[str]] = {}
        self._page_hash = ""
        self.elements: list[Element] = []
        self._blocks: list[Block] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def open(self, page: str = "", **parameters: str | list[str]) -> None:
        """Open the page of that name, the first one without a name, at an address with these parameters."""
        self._parameters = {name: [words] if isinstance(words, str) else words for name, words in parameters.items()}
        self._states = {}
        self._run(page_name=page)

    def set(self, key: str, **value: Any) -> None:
        """Give the widget of that key a value, named after its kind: `int_value=3`, `string_value="Ada"`."""
        widget = self.find_widget(key)
        state = WidgetState(id=widget.id)
        for kind, content in value.items():
            if isinstance(content, list):
                getattr(state, kind).data.extend(content)
            else:
                setattr(state, kind, content)
        self._states[widget.id] = state
        self._run(self._page_hash)
        if "trigger_value" in value:
            del self._states[widget.id]

    def click(self, key: str) -> None:
        """Click the button of that key."""
        self.set(key, trigger_value=True)

    def has(self, key: str) -> bool:
        """Whether the page has a widget of that key."""
        return any(_key(widget) == key for widget in self._widgets())

    def find_widget(self, key: str) -> Any:
        """The widget of that key. Raises LookupError."""
        for widget in self._widgets():
            if _key(widget) == key:
                return widget
        keys = sorted({_key(widget) for widget in self._widgets()})
        raise LookupError(f"no widget {key!r} among {keys}; troubles: {self.troubles}")

    @property
    def troubles(self) -> list[str]:
        """What the page says went wrong."""
        raised = [each.exception.message for each in self.elements if each.HasField("exception")]
        said = [each.alert.body for each in self.elements if each.HasField("alert") and each.alert.format == 1]
        return [*raised, *said]

    def _widgets(self) -> Iterator[Any]:
        parts: list[Element | Block] = [*self.elements, *self._blocks]
        for part in parts:
            kind = part.WhichOneof("type")
            widget = getattr(part, kind) if kind else None
            if getattr(widget, "id", ""):
                yield widget

    def _run(self, page_hash: str = "", page_name: str = "") -> None:
        state = ClientState(
            query_string=urlencode(self._parameters, doseq=True), page_script_hash=page_hash, page_name=page_name
        )
        state.widget_states.widgets.extend(self._states.values())
        self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        while not self._take(self._receive()):
            pass

    def _receive(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(self._socket.recv(timeout=_WITHIN_S, decode=False))
        return message

    def _take(self, message: ForwardMsg) -> bool:
        """Take a message in; gives whether it was the run's last."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.elements, self._blocks = [], []
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.HasField("new_element"):
            self.elements.append(message.delta.new_element)
        elif kind == "delta" and message.delta.HasField("add_block"):
            self._blocks.append(message.delta.add_block)
        elif kind == "page_info_changed":
            self._parameters = _parse(message.page_info_changed.query_string)
        return kind == "script_finished" and message.script_finished != _TO_BE_CONTINUED


def _parse(query: str) -> dict[str, list[str]]:
    return parse_qs(query, keep_blank_values=True)


def _key(widget: Any) -> str:
    # "$$ID-<hash of what the widget is>-<key>"
    return str(widget.id).split("-", 2)[-1]
