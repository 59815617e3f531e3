"""An ear for alerts: a real web server in a thread, as a chat room or pager would have."""

import http.server
import json
import threading


class Ear:
    """Hears alerts; `heard` holds their texts, `url` is the notification URL."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.heard: list[str] = []
        heard = self.heard

        class Door(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append(str(json.loads(body)["message"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"json://127.0.0.1:{self._server.server_port}/lead"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        """Hear no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
