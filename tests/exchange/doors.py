"""A partner's door for the tests: a real TLS server on 127.0.0.1, and nothing behind it but the answers it is given."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from amana.domain.errors import AmanaError
from amana.exchange.identity import NodeSecrets, check_peer, server_context
from amana.exchange.tls import peer_node


@dataclass(slots=True)
class Reply:
    """What the door answers."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[str, str, bytes], Reply]


@dataclass(slots=True)
class Door:
    """An open door: its address, and who has been seen at it."""

    url: str
    callers: list[str] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)


def _handler(answer: Answer, partners: list[NodeSecrets], door: Door) -> type[BaseHTTPRequestHandler]:
    authorities = {partner.card.node: partner.card.tls_ca for partner in partners}

    class Handler(BaseHTTPRequestHandler):
        """Answers as it is told, once the caller has proved to be a partner."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer a request with or without a body."""
            assert isinstance(self.connection, ssl.SSLSocket)
            certificate = self.connection.getpeercert(binary_form=True) or b""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                caller = check_peer(certificate, authorities[peer_node(certificate)])
            except (AmanaError, KeyError):
                self._say(Reply(403))
                return
            door.callers.append(caller)
            door.connections.add(self.client_address)
            self._say(answer(self.command, self.path, body))

        do_GET = do_POST

        def _say(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in ({"Content-Length": str(len(reply.body))} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    return Handler


class _Server(ThreadingHTTPServer):
    """A server whose handshakes happen in the connection's own thread, and whose failed ones are nobody's news."""

    daemon_threads = True
    context: ssl.SSLContext

    def finish_request(self, request: object, client_address: object) -> None:
        """Wrap the connection, then answer on it."""
        assert isinstance(request, socket.socket)
        try:
            wrapped = self.context.wrap_socket(request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        with wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: a caller may hang up."""


@contextmanager
def opened(
    folder: Path,
    partners: list[NodeSecrets],
    answer: Answer = lambda *_: Reply(),
    context: ssl.SSLContext | None = None,
) -> Iterator[Door]:
    """Open the door of the node whose keys lie in `folder` to these partners."""
    door = Door("")
    server = _Server(("127.0.0.1", 0), _handler(answer, partners, door))
    server.context = context or server_context(folder, [partner.card.tls_ca for partner in partners])
    door.url = f"https://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
