"""What the exit code says, and what else holds then."""
import signal
import socket
import sqlite3
import threading
import time

import pytest

from harness import (
    CALL_LEGS, COMMO, OUT_ANSWERED, USER_OUT_MISSED, cdrx, finish, simulating, stream, wait_until)
from provider import providing, user_page, user_records

FIRST = 1_767_225_600_000


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_0_when_everything_is_complete(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
    assert work.run().code == 0


def test_1_when_a_window_is_not(work, calm):
    """An answer that nobody documented: the window fails at once and is not tried again."""
    with providing(lambda request: (200, '{"code": 777, "msg": "strange"}')) as provider:
        work.pipeline([
            stream("bad", USER_OUT_MISSED, provider, "user-101"),
            stream("good", USER_OUT_MISSED, calm, "user-101")])
        result = work.run()
        assert len(provider.requests) == 1
    assert result.code == 1, result
    assert "777" in result.err
    assert work.partitions() == ["good/dt=2026-01-01"]


@pytest.mark.parametrize("arguments", [
    ["run"], ["frobnicate"], ["run", "pipeline.yaml", "--format", "xml"],
    ["backfill", "pipeline.yaml"], ["backfill", "pipeline.yaml", "--from", "x", "--to", "2026-01-02"],
    ["run", "pipeline.yaml", "--stream", "nosuch"], ["run", "pipeline.yaml", "--account", "nosuch"],
    ["run", "pipeline.yaml", "--now", "yesterday"], ["endpoints", "no.such.endpoint"],
    ["simulate", "--fault", "nosuch=1"],
])
def test_64_for_a_wrong_command_line(work, calm, arguments):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
    result = cdrx(*arguments, cwd=work.path)
    assert result.code == 64, result
    assert result.out == "" and result.err != ""
    assert not work.exports.exists()


def test_69_when_no_provider_can_be_reached_and_the_ledger_is_intact(work):
    port = unused_port()
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, f"http://127.0.0.1:{port}", "user-101")],
        extract={"attempts": 2})
    result = work.run()
    assert result.code == 69, result
    assert f"127.0.0.1:{port}: the connection was refused" in result.err
    assert work.partitions() == []
    with sqlite3.connect(work.exports / "_state" / "ledger.sqlite") as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    status = work.run("--format", "json", command="status").windows()
    assert [line["state"] for line in status] == ["failed"]
    # Once it is back, a plain run goes on.
    with providing(lambda request: user_page(request, user_records(25, FIRST))) as provider:
        work.pipeline([stream("calls", USER_OUT_MISSED, provider, "user-101")])
        assert work.run().code == 0
    assert work.manifest("calls/dt=2026-01-01")["rows"] == 25


def test_1_when_only_some_failures_are_unreachable_providers(work):
    with providing(lambda request: (200, '{"code": 777}')) as provider:
        work.pipeline(
            [stream("gone", USER_OUT_MISSED, f"http://127.0.0.1:{unused_port()}", "user-101"),
             stream("strange", USER_OUT_MISSED, provider, "user-101")], extract={"attempts": 2})
        assert work.run().code == 1


def test_75_when_another_run_holds_the_ledger(work):
    with simulating("--rows-per-day", 300, "--latency", 500) as slow:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, slow, "user-101")], extract={"pages_in_flight": 1})
        first = work.start()
        try:
            wait_until(lambda: slow.requests() > 0)
            began = time.monotonic()
            second = work.run()
            assert second.code == 75, second
            assert str(first.pid) in second.err
            assert time.monotonic() - began < 10
        finally:
            first.send_signal(signal.SIGTERM)
            finish(first)
        # A holder that is dead holds nothing.
        with simulating("--rows-per-day", 300) as calm:
            work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
            assert work.run().code == 0


@pytest.mark.parametrize("endpoint, wrong", [
    (USER_OUT_MISSED, "ill:wrong-1"), (OUT_ANSWERED, "ill:wrong-1"), (COMMO, "ill:wrong-1")])
def test_77_for_a_wrong_secret_that_stops_only_its_account(work, calm, endpoint, wrong):
    work.pipeline(
        [stream("calls", endpoint, calm, "well", wrong, "fine")],
        windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-04"}})
    result = work.run()
    assert result.code == 77, result
    assert "calls/ill" in result.err
    assert "wrong-1" not in result.err + result.out
    assert work.partitions() == []
    assert work.missing() == {f"calls/dt=2026-01-0{day}": ["ill"] for day in (1, 2, 3)}
    for partition in work.missing():
        accounts = work.manifest(partition)["accounts"]
        assert [entry["account"] for entry in accounts] == ["fine", "ill", "well"]
        assert [entry["state"] for entry in accounts] == ["complete", "missing", "complete"]
        assert accounts[0]["reason"] is None and accounts[1]["reason"]
        assert "wrong-1" not in accounts[1]["reason"]
    # Refused once, the account is not tried for its other days.
    assert calm.statistics()["requests"][endpoint] < 1000


def test_77_for_a_request_list_too(work, calm):
    work.pipeline([stream(
        "legs", CALL_LEGS, calm, "well", "ill:wrong-1",
        requests={"ids": ["rid-1-0001"], "batch": "one"})])
    result = work.run()
    assert result.code == 77, result
    assert work.missing() == {"legs/batch=one": ["ill"]}


def test_1_when_authentication_is_not_the_only_failure(work, calm):
    with providing(lambda request: (200, '{"code": 777}')) as provider:
        work.pipeline([
            stream("refused", USER_OUT_MISSED, calm, "ill:wrong-1"),
            stream("strange", USER_OUT_MISSED, provider, "user-101")])
        assert work.run().code == 1


FIVE_MISTAKES = """\
pipeline: five
timezone: Asia/Calcuta
windows: {every: day, range: yesterday, settle: 30}
extract: {pages_in_fligth: 4}
output: {path: exports, format: cvs}
streams:
  - stream: calls
    endpoint: telecmi.v2.user.out_mised
    base_url: URL
    accounts:
      - {account: a, token: "${CDRX_TEST_UNSET}"}
"""


def test_78_with_every_mistake_of_the_file_and_no_request(work, calm):
    work.write("pipeline.yaml", FIVE_MISTAKES.replace("URL", calm.url))
    for command in ("run", "validate", "plan"):
        result = work.run(command=command)
        assert result.code == 78, result
        errors = [line for line in result.err.splitlines() if ": error: " in line]
        places = [line.split(": error: ")[0] for line in errors]
        assert [place.split(":")[1] for place in places] == ["2", "3", "4", "5", "8", "11"], result
        assert all(len(place.split(":")) == 3 for place in places)
        for name in ("Asia/Calcutta", "pages_in_flight", "csv", "telecmi.v2.user.out_missed",
                     "CDRX_TEST_UNSET"):
            assert name in result.err
    assert calm.requests() == 0
    assert not work.exports.exists()


def test_78_for_a_file_that_is_not_there(work):
    assert work.run(file="nosuch.yaml").code in (64, 78)


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_130_and_143_when_interrupted_and_resumable(work, number, code):
    with simulating("--rows-per-day", 2000) as simulator:
        def pipeline(rate):
            work.pipeline(
                [stream("calls", USER_OUT_MISSED, simulator, "user-101")],
                extract={"pages_in_flight": 2, "slice_pages": 10, "requests_per_second": rate})

        pipeline(60)
        process = work.start()
        wait_until(lambda: simulator.requests() > 60)
        process.send_signal(number)
        result = finish(process)
        assert result.code == code, result
        assert work.partitions() == []
        pipeline(10_000)
        asked = simulator.requests()
        assert work.run().code == 0
        resumed = simulator.requests() - asked
        # It went on where it was, and did not begin anew.
        asked = simulator.requests()
        assert work.run("--out", "whole").code == 0
        assert resumed < simulator.requests() - asked - 20


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_hanging_request_ends_with_the_signal_and_costs_no_attempt(work, number, code):
    released = threading.Event()

    def hang(request):
        released.wait(60)
        return 500, ""

    with providing(hang) as provider:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, provider, "user-101")],
            windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-04"}},
            extract={"windows_in_flight": 1, "timeout": "50s"})
        process = work.start("--format", "json")
        wait_until(lambda: provider.requests)
        started = time.monotonic()
        process.send_signal(number)
        result = finish(process)
        seconds = time.monotonic() - started
        released.set()
    assert result.code == code, result
    # Far from the 50 s after which the request would have ended by itself.
    assert seconds < 15
    report = result.lines()[0]
    assert [window["state"] for window in report["windows"]] == ["interrupted"]
    assert report["windows"][0]["failure"] is None
    assert report["requests"] == len(provider.requests) == 1
    assert report["not_started"] == 2
    assert "1 interrupted, 2 not begun; 0 rows, 1 request in " in result.err
    assert "failed" not in result.err
    status = work.run("--format", "json", command="status").windows()
    assert [(line["state"], line["attempts"], line["failure"]) for line in status] == [
        ("interrupted", 0, None), ("missing", 0, None), ("missing", 0, None)]


def test_1_when_the_provider_only_asks_to_slow_down(work):
    with providing(lambda request: (429, "")) as provider:
        work.pipeline([stream("calls", USER_OUT_MISSED, provider, "user-101")], extract={"attempts": 2})
        result = work.run("--format", "json")
    assert result.code == 1, result
    failure = result.lines()[0]["windows"][0]["failure"]
    assert (failure["kind"], failure["code"]) == ("throttled", "http_429")
    assert "could not be reached" not in result.err
    # Requests of windows that failed were sent too.
    assert result.lines()[0]["requests"] == 2


class RawServer:
    """Says the same bytes to everyone who has sent a request."""

    def __init__(self, said):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        self.said = said
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with client:
                client.recv(65_536)
                client.sendall(self.said)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


@pytest.mark.parametrize("line", ["HTTP/1.1 000 Odd", "HTTP/1.1 042 Odd", "HTTP/1.1 099 Odd", "SSH-2.0-OpenSSH_9.2"])
def test_1_for_what_is_no_http_and_the_others_go_on(work, calm, line):
    with RawServer(f"{line}\r\nContent-Length: 2\r\n\r\n{{}}".encode()) as raw:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, calm, "user-101"), stream("odd", USER_OUT_MISSED, raw, "user-101")],
            extract={"attempts": 2})
        result = work.run("--format", "json")
    assert result.code == 1, result
    calls, odd = result.lines()[0]["windows"]
    assert (calls["state"], calls["changed"], calls["rows"]) == ("complete", True, 300)
    assert (odd["failure"]["kind"], odd["failure"]["code"]) == ("unknown_answer", "invalid_response")
    assert odd["failure"]["message"].startswith(raw.url.removeprefix("http://") + ": ")
