"""A server between the dashboard and the simulator that lets an action happen and then cuts the
connection instead of answering."""

from __future__ import annotations

from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import urlsplit

_OWN_HEADERS = {"connection", "transfer-encoding", "content-length", "date", "server"}


class CuttingProxy(ThreadingHTTPServer):
    """Forwards everything; what `cut` ends the path of a POST is acted upon and not answered."""

    daemon_threads = True

    def __init__(self, target_url: str, cut: str) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self.target = urlsplit(target_url).netloc
        self.cut = cut
        self.writes: list[str] = []
        """Paths of the POST requests that came."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Forward(BaseHTTPRequestHandler):
    server: CuttingProxy

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        onward = HTTPConnection(self.server.target, timeout=30)
        onward.request(self.command, self.path, body, dict(self.headers))
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        self.close_connection = True
        if self.command == "POST":
            self.server.writes.append(self.path)
            if self.path.endswith(self.server.cut):
                return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OWN_HEADERS:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _forward

    def log_message(self, *_: object) -> None:
        """Say nothing."""
