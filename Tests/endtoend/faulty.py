"""A small proxy before a store that loses, cuts, delays and replaces answers, as a plan says."""
import contextlib
import random
import socket
import threading
import time

# What may become of a request.
WHOLE = "whole"  # Forwarded, and answered as the store does.
REFUSED = "refused"  # The connection ends before the store sees it.
LOST = "lost"  # The store does it; the answer is lost.
CUT = "cut"  # The store does it; the answer ends in its middle.
BEHEADED = "beheaded"  # The same, within the headers.
FAILED = "failed"  # 500 without the store.
SLOW_DOWN = "slow_down"  # 503 SlowDown without the store.
SLOW = "slow"  # The answer comes in small pieces.
FAULTS = [REFUSED, LOST, CUT, BEHEADED, FAILED, SLOW_DOWN, SLOW]

ERROR = b"<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>by the proxy</Message></Error>"


def message(stream):
    """A whole head with its headers in lower case, and the length of its body; None at the end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline(1 << 16)
        if not line:
            return None
        head += line
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return head, lines[0], headers


def body_of(stream, method, status, headers):
    if method == "HEAD" or status in (204, 304) or status < 200:
        return b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        data = b""
        while True:
            line = stream.readline()
            data += line
            size = int(line.split(b";")[0], 16)
            data += stream.read(size + 2)
            if size == 0:
                return data
    if "content-length" in headers:
        return stream.read(int(headers["content-length"]))
    return stream.read()


class FaultyProxy:
    """Listens on loopback; `plan(number, method, path)` says what becomes of each request, from 1."""

    def __init__(self, endpoint, plan, tls=None):
        host, port = endpoint.removeprefix("http://").split(":")
        self.store = host, int(port)
        self.plan = plan
        self.tls = tls
        self.requests = []
        self.faults = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        port = self.listener.getsockname()[1]
        self.endpoint = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            client.settimeout(60)
            try:
                client = self.tls.wrap_socket(client, server_side=True)
            except OSError:
                return
        with client, client.makefile("rb") as stream, contextlib.suppress(OSError):
            while (request := message(stream)) is not None:
                head, line, headers = request
                method, path, _ = line.split(" ", 2)
                with self.lock:
                    self.requests.append((method, path))
                    fault = self.plan(len(self.requests), method, path)
                    self.faults.append(fault)
                data = stream.read(int(headers.get("content-length", 0)))
                if fault == REFUSED:
                    return
                if fault in (FAILED, SLOW_DOWN):
                    self._fail(client, method, fault)
                    continue
                answer, head_length = self._forward(method, head + data)
                if fault == LOST:
                    return
                if fault == BEHEADED:
                    client.sendall(answer[:head_length // 2])
                    return
                # Where there is no body, the end of the head is missing.
                if fault == CUT:
                    has_body = len(answer) > head_length
                    client.sendall(answer[:(head_length + len(answer)) // 2] if has_body else answer[:-2])
                    return
                if fault == SLOW:
                    self._trickle(client, answer)
                else:
                    client.sendall(answer)

    @staticmethod
    def _fail(client, method, fault):
        status, code = ("500 Oops", b"InternalError") if fault == FAILED else ("503 Slow Down", b"SlowDown")
        body = b"" if method == "HEAD" else ERROR % code
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
        client.sendall(head.encode() + body)

    @staticmethod
    def _trickle(client, answer):
        step = max(len(answer) // 8, 1)
        for start in range(0, len(answer), step):
            client.sendall(answer[start:start + step])
            time.sleep(0.01)

    def _forward(self, method, request):
        """The store's answer as it is, and the length of its head."""
        with socket.create_connection(self.store, timeout=60) as server, server.makefile("rb") as stream:
            server.sendall(request)
            while True:
                # None where the store closed the connection: then the client's is closed too.
                answer = message(stream)
                if answer is None:
                    raise ConnectionError("the store closed the connection")
                head, line, headers = answer
                status = int(line.split(" ")[1])
                body = body_of(stream, method, status, headers)
                if status >= 200:
                    return head + body, len(head)


@contextlib.contextmanager
def faulty(store, plan, tls=None):
    """A proxy before a store, which may speak TLS."""
    proxy = FaultyProxy(store.endpoint, plan, tls)
    try:
        yield proxy
    finally:
        proxy.stop()


def never(number, method, path):
    """A plan without faults."""
    return WHOLE


def sometimes(faults, seed, share=0.25):
    """A plan: some of the requests, by a seed, have one of the faults."""
    draw = random.Random(seed)

    def plan(number, method, path):
        return draw.choice(faults) if draw.random() < share else WHOLE
    return plan
