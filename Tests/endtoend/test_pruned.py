"""Partitions of all accounts whose archive was pruned before they must be published anew."""
import pytest

from harness import FIRST_DAY, USER_OUT_MISSED, stream
from provider import providing, user_page, user_records

DAY = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-02"}}


@pytest.fixture
def asked():
    """A provider of 25 records an account, by its token, and whom it was asked for."""
    with providing(answer) as provider:
        yield provider


def answer(request):
    account = request["token"]
    return user_page(request, [
        {**record, "cmiuid": f"{account}-{record['cmiuid']}"} for record in user_records(25, FIRST_DAY)])


def pipeline(work, provider, *accounts):
    work.pipeline([stream("calls", USER_OUT_MISSED, provider, *accounts)], windows=DAY)


def prune(work):
    result = work.run("pipeline.yaml", "--now", "2099-01-01", command="archive", file="prune")
    assert "1 window removed" in result.err, result


def accounts(work):
    manifest = work.manifest("calls/dt=2026-01-01")
    return [(account["account"], account["rows"]) for account in manifest["accounts"]]


def test_accounts_without_an_archive_are_asked_for_with_a_new_one(work, asked):
    pipeline(work, asked, "a", "b")
    assert work.run().code == 0
    prune(work)
    pipeline(work, asked, "a", "b", "c")
    # Whoever narrows the run: the partition is published whole.
    for options in ((), ("--account", "c")):
        [plan] = work.run(*options, "--format", "json", command="plan").lines()
        assert [(window["account"], window["reason"], window["from_archive"])
                for window in plan["windows"]] == [
            ("a", "archive_pruned", False), ("b", "archive_pruned", False), ("c", "range", False)]
    asked.requests.clear()
    assert work.run("--account", "c").code == 0
    assert {request["token"] for request in asked.requests} == {"a", "b", "c"}
    assert accounts(work) == [("a", 25), ("b", 25), ("c", 25)]


def test_rows_of_an_account_that_left_are_given_up_only_on_request(work, asked):
    pipeline(work, asked, "a", "b")
    assert work.run().code == 0
    prune(work)
    pipeline(work, asked, "a", "c")
    result = work.run()
    assert result.code == 1 and "account 'b'" in result.err and "--only-listed" in result.err, result
    assert accounts(work) == [("a", 25), ("b", 25)]
    asked.requests.clear()
    # What the failed run asked for is in the archive.
    assert work.run("--only-listed", command="rebuild").code == 0
    assert accounts(work) == [("a", 25), ("c", 25)] and asked.requests == []
    assert work.run().code == 0 and asked.requests == []
