"""The simulator's server as a raw socket sees it: kept connections, and faults of the transport."""
import http.client
import json
import socket
import time

import pytest

from harness import DAY, FIRST_DAY, simulating

PATH = "/v2/user/out_missed"
QUERY = json.dumps({"token": "abc", "from": FIRST_DAY, "to": FIRST_DAY + DAY, "page": 1})


def connect(simulator):
    return http.client.HTTPConnection("127.0.0.1", int(simulator.url.rsplit(":", 1)[1]), timeout=20)


def ask(connection):
    connection.request("POST", PATH, QUERY, {"Content-Type": "application/json"})
    return connection.getresponse()


def test_connections_are_kept():
    with simulating() as simulator:
        connection = connect(simulator)
        ask(connection).read()
        used = connection.sock
        connection.request("HEAD", "/_stats")
        response = connection.getresponse()
        assert response.status == 404 and response.read() == b""
        assert len(json.loads(ask(connection).read())["cdr"]) == 10
        assert connection.sock is used


def test_connections_end_where_the_client_wants_it():
    with simulating() as simulator:
        connection = connect(simulator)
        connection.request("GET", "/_stats", headers={"Connection": "close"})
        connection.getresponse().read()
        connection.connect()
        connection.sock.sendall(b"GET /_stats HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.sock.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"}")


def test_reset_is_a_reset():
    with simulating("--fault", "reset=1") as simulator:
        with pytest.raises(ConnectionResetError):
            ask(connect(simulator))


def test_cut_body_is_half_of_what_was_declared():
    with simulating("--fault", "cut-body=1") as simulator:
        response = ask(connect(simulator))
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
        got, missing = len(caught.value.partial), caught.value.expected
        assert 0 <= missing - got <= 1 and got > 100


def test_a_request_that_trickles_in_is_answered():
    with simulating() as simulator:
        connection = connect(simulator)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /_stats HTTP/1.1\r\nHost: x\r\n\r\n":
            connection.sock.sendall(bytes([byte]))
        assert connection.sock.recv(15) == b"HTTP/1.1 200 OK"


def test_many_connections_wait_side_by_side():
    with simulating("--latency", "200") as simulator:
        started = time.monotonic()
        connections = [connect(simulator) for _ in range(200)]
        for connection in connections:
            connection.request("GET", "/_stats")
        for connection in connections:
            assert connection.getresponse().status == 200
        assert time.monotonic() - started < 10, "one after the other takes 40 s"
