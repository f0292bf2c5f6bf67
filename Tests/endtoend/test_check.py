"""What `cdrx check` says of accounts before a run needs them."""
import email.utils
import socket
import time

import pytest

from harness import CALL_LEGS, COMMO, USER_OUT_MISSED, simulating, stream
from provider import providing, user_page, user_records


def check(work):
    """Exit code, account → how it stands, and the lines that people see."""
    result = work.run("--format", "json", command="check")
    found = {entry["account"]: entry for entry in result.report()["accounts"]}
    table = work.run(command="check")
    assert table.code == result.code
    lines = {line.split()[0].split("/")[1]: line for line in table.out.splitlines()}
    assert set(lines) == set(found)
    for name, entry in found.items():
        assert entry["state"].replace("_", " ") in lines[name]
    return result.code, found, lines


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_line_an_account(work, calm):
    port = unused_port()
    work.pipeline([
        stream("calls", USER_OUT_MISSED, calm, "well", "ill:wrong-1"),
        stream("bills", COMMO, f"http://127.0.0.1:{port}", "gone")], extract={"attempts": 2})
    code, found, lines = check(work)
    assert code == 1
    assert {name: entry["state"] for name, entry in found.items()} == {
        "well": "ok", "ill": "wrong_credentials", "gone": "unreachable"}
    # The simulator's answers have no time.
    assert {entry["clock_ahead_seconds"] for entry in found.values()} == {None}
    assert f"unreachable: 127.0.0.1:{port}: the connection was refused" in lines["gone"]
    assert found["gone"]["host"] == f"127.0.0.1:{port}"
    assert not work.exports.exists()


@pytest.mark.parametrize("behind, state", [(0, "ok"), (40, "ok"), (300, "clock_skew"), (-7200, "clock_skew")])
def test_clocks_that_differ_are_noticed(work, behind, state):
    def answer(request):
        date = email.utils.formatdate(time.time() - behind, usegmt=True)
        return (*user_page(request, user_records(0, 0)), {"Date": date})

    with providing(answer) as provider:
        work.pipeline([stream("calls", USER_OUT_MISSED, provider, "acc")])
        code, found, lines = check(work)
    assert found["acc"]["state"] == state
    assert abs(found["acc"]["clock_ahead_seconds"] - behind) <= 3
    assert code == (0 if state == "ok" else 1)
    if state != "ok":
        assert ("ahead of" if behind > 0 else "behind") in lines["acc"]


def legs(work, provider, account="main", **requests):
    work.pipeline([stream("legs", CALL_LEGS, provider, account, requests=requests)])


def test_request_lists_are_read_and_their_ids_tried(work, calm):
    list_ = work.write("ids-2026-01-01.txt", "nobody-has-this\nrid-1-0001\n")
    legs(work, calm, file="ids-{window}.txt")
    code, found, lines = check(work)
    assert (code, found["main"]["state"], found["main"]["request_ids"]) == (0, "ok", 2)
    assert "2 request ids listed" in lines["main"]
    list_.unlink()
    code, found, lines = check(work)
    assert (code, found["main"]["state"]) == (1, "failed")
    assert "unreadable_request_list" in lines["main"] and list_.name in lines["main"]
    assert calm.requests() <= 4


def test_a_refusal_that_may_mean_an_unknown_id_is_not_believed_at_once(work):
    """PIOPIY answers 404 for an unknown id and for a wrong secret alike."""
    known = '{"code": 200, "error": false, "count": 0, "cdr": []}'
    with providing(lambda request: (404, '{"code": 404}') if request["request_id"] != "b"
                   else (200, known)) as provider:
        legs(work, provider, ids=["a", "b"], batch="one")
        code, found, _ = check(work)
        assert (code, found["main"]["state"]) == (0, "ok")
        legs(work, provider, ids=["a", "x", "y", "b"], batch="one")
        code, found, _ = check(work)
        assert (code, found["main"]["state"]) == (77, "unproven")
    with providing(lambda request: (404, '{"code": 404, "msg": "invalid app secret"}')) as provider:
        legs(work, provider, ids=["a", "b"], batch="one")
        code, found, _ = check(work)
        assert (code, found["main"]["state"]) == (77, "wrong_credentials")
        # Certain: the other id was not asked for.
        assert len(provider.requests) == 2


def test_many_accounts_are_asked_side_by_side_and_printed_in_their_order(work):
    """One after the other, 60 requests of 250 ms would take 15 seconds."""
    names = [f"a{number}" for number in range(60)]
    with simulating("--latency", 250, "--rows-per-day", 10) as simulator:
        work.pipeline([stream("calls", USER_OUT_MISSED, simulator, *names)])
        started = time.monotonic()
        report = work.run("--format", "json", command="check").report()
    assert time.monotonic() - started < 10
    assert [account["account"] for account in report["accounts"]] == names
