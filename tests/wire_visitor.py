"""A visitor without a browser: speaks Streamlit's protocol over a websocket, as its pages do.

Thirty-two browsers would measure themselves; thirty-two of these leave the processor to the
server.
"""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

EDITOR = "keypoint_canvas"
ANSWER_S = 30.0


@dataclass
class WireVisitor:
    """One session of one annotator on one page.

    Attributes:
        data: what the editor was last sent, as its `data`; None before.
    """

    address: str
    page: str
    query: str
    annotator: str
    data: dict[str, Any] | None = None
    _opened: ExitStack = field(default_factory=ExitStack)
    _socket: ClientConnection | None = None
    _editor: str = ""
    _fragment: str = ""
    _page: str = ""
    _cached: dict[str, ForwardMsg] = field(default_factory=dict)

    def open(self) -> dict[str, Any]:
        """Load the page; gives the editor's first data."""
        self._socket = self._opened.enter_context(
            connect(
                f"{self.address.replace('http', 'ws', 1)}/_stcore/stream",
                additional_headers={"Cookie": f"halfseen_annotator={quote(self.annotator)}"},
                subprotocols=["streamlit"],  # type: ignore[list-item]
                max_size=None,
                compression=None,
            )
        )
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_name = self.page
        self._send(asked)
        self.listen(lambda: self.data is not None)
        assert self.data is not None
        return self.data

    def say(self, edit: Mapping[str, Any]) -> None:
        """What the editor's JavaScript does with `setStateValue("edit", …)`; waits for nothing."""
        asked = BackMsg()
        state = asked.rerun_script.widget_states.widgets.add()
        state.id = self._editor
        state.json_value = json.dumps({"edit": edit})
        asked.rerun_script.fragment_id = self._fragment
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_script_hash = self._page
        self._send(asked)

    def listen(self, until: Any, timeout_s: float = ANSWER_S) -> None:
        """Take in what the server says until `until()` is true.

        Raises:
            TimeoutError: nothing was heard for so long.
        """
        while not until():
            self.hear(timeout_s)

    def hear(self, timeout_s: float = ANSWER_S) -> None:
        """Take in one message.

        Raises:
            TimeoutError: there is none in time.
        """
        assert self._socket is not None
        raw = self._socket.recv(timeout=timeout_s)
        assert isinstance(raw, bytes)
        message = ForwardMsg.FromString(raw)
        if message.WhichOneof("type") == "ref_hash":
            message = self._cached[message.ref_hash]
        elif message.metadata.cacheable:
            self._cached[message.hash] = message
        delta = message.delta
        if message.WhichOneof("type") != "delta" or delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        if element.WhichOneof("type") != "bidi_component":
            return
        component: BidiComponent = element.bidi_component
        if component.component_name == EDITOR:
            self._editor, self._fragment = component.id, delta.fragment_id
            self._page = message.metadata.active_script_hash
            self.data = json.loads(component.json)

    def close(self) -> None:
        """End the session."""
        self._opened.close()

    def _send(self, message: BackMsg) -> None:
        assert self._socket is not None
        self._socket.send(message.SerializeToString())
