"""What `cdrx status` prints of many windows, and what it takes."""
import json

from harness import CDRX, measured
from history import complete_history

ACCOUNTS = ["b", "another-name"] + [f"agent-{number}" for number in range(98)]


def test_many_windows_are_printed_in_order_and_aligned(work):
    complete_history(work, ACCOUNTS, 50)
    result = work.run(command="status")
    assert result.code == 0, result
    head, *lines = result.out.splitlines()
    assert len(lines) == len(ACCOUNTS) * 50
    places = [head.index(name) for name in ("STREAM", "ACCOUNT", "WINDOW", "STATE", "PUBLISHED")]
    cells = [[line[place:].split()[0] for place in places] for line in lines]
    assert [row[:4] for row in cells] == [
        ["calls", account, f"2026-{1 + day // 31:02}-{1 + day % 31:02}", "complete"]
        for day in range(50) for account in sorted(ACCOUNTS)]
    assert all(line == line.rstrip() for line in lines)

    windows = work.run("--format", "json", command="status").lines()
    assert [[row[name] for name in ("stream", "account", "window", "state", "published_at")]
            for row in windows] == cells
    first, last = windows[0], windows[-1]
    directory = last["directory"].replace(last["account"], first["account"])
    assert first == {
        **json.loads(json.dumps(last)), "account": first["account"], "window": "2026-01-01",
        "directory": directory.replace(last["window"], "2026-01-01")}
    only = work.run("--account", "b", "--account", "agent-9", command="status").table()
    assert {row["ACCOUNT"] for row in only} == {"b", "agent-9"} and len(only) == 100


def test_memory_hardly_follows_the_number_of_windows(work):
    """20,000 windows once took 27 MB more than one."""
    def peak(*options):
        return measured(CDRX, "status", "pipeline.yaml", *options, cwd=work.path).peak

    complete_history(work, ["agent-0"], 1)
    few, few_lines = peak(), peak("--format", "json")
    complete_history(work, [f"agent-{number}" for number in range(200)], 100)
    assert peak() - few < 10e6
    assert peak("--format", "json") - few_lines < 6e6
