"""A provider in a few lines of Python, for answers that the simulator would never give."""
import contextlib
import email.parser
import email.policy
import http.server
import json
import threading
import urllib.parse


class Request:
    """A request as it came: the path, the fields of its query and body in order, the raw body."""

    def __init__(self, method, url, headers, body):
        self.method = method
        self.url = url
        self.path, _, query = url.partition("?")
        self.headers = headers
        self.body = body
        self.fields = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        if method == "POST":
            self.fields |= fields(headers.get("Content-Type", ""), body)

    def __getitem__(self, name):
        return self.fields[name]


def fields(content_type, body):
    if content_type.startswith("application/json"):
        return json.loads(body)
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    if content_type.startswith("multipart/form-data"):
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
            b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        return {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode()
            for part in message.iter_parts()}
    raise AssertionError(f"a body of type {content_type!r}")


class Provider:
    """Answers every request with `answer(request)`: a status, a body, and perhaps headers."""

    def __init__(self, answer, tls=None):
        self.requests = []
        self.connections = 0
        self.resumed = 0
        self.errors = []
        lock = threading.Lock()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with lock:
                    provider.resumed += bool(getattr(self.connection, "session_reused", False))

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    request = Request(self.command, self.path, self.headers, body)
                    with lock:
                        provider.requests.append(request)
                        status, text, *headers = answer(request)
                except Exception as error:  # The test shows it; the client sees a 500.
                    provider.errors.append(error)
                    status, text, headers = 500, repr(error), []
                data = text if isinstance(text, bytes) else text.encode()
                self.send_response_only(status)
                # One date, as a server sends it: cdrx takes the first.
                own = {"Date": self.date_time_string()}
                for name, value in (own | headers[0] if headers else own).items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self):
                client, address = self.socket.accept()
                provider.connections += 1
                if tls is None:
                    return client, address
                client.settimeout(20)
                return tls.wrap_socket(client, server_side=True), address

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}" if tls is None else f"https://localhost:{self.port}"
        # How long it takes to stop.
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@contextlib.contextmanager
def providing(answer, tls=None):
    provider = Provider(answer, tls)
    try:
        yield provider
    finally:
        provider.stop()
    assert provider.errors == []


def page_of(records, page, size):
    """One page, newest first, as every provider but PIOPIY serves it."""
    first = (page - 1) * size
    return records[first:first + size]


def user_page(request, records, total=None):
    """`telecmi.v2.user.out_missed` over records (dictionaries with `time`), bounds inclusive."""
    inside = [record for record in records if request["from"] <= record["time"] <= request["to"]]
    inside.sort(key=lambda record: -record["time"])
    rows = page_of(inside, request.fields.get("page", 1), request.fields.get("limit", 10))
    return 200, json.dumps({
        "count": len(inside) if total is None else total, "cdr": rows, "code": 200})


def user_records(count, first, step=1000, **more):
    """So many plain records of `telecmi.v2.user.out_missed`, oldest first."""
    return [
        {"cmiuid": f"id-{index:06d}", "duration": 0, "billedsec": 0, "rate": 0, "name": "unknown",
         "from": "919000000000", "to": 919000000001, "time": first + index * step, **more}
        for index in range(count)]
