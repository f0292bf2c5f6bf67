"""What surrounds a run may be strange: outputs that are full, inputs that are devices, names that are
pipes, few file descriptors. Each gives a message and an exit code, never a hang or a trap."""
import os
import subprocess

import pytest

from harness import CDRX, USER_OUT_MISSED, cdrx, environment, stream

PARTITION = "calls/dt=2026-01-01"


def shell(command, cwd, **env):
    """Runs a shell command in which `cdrx` is the built program."""
    completed = subprocess.run(
        ["bash", "-c", f"cdrx() {{ '{CDRX}' \"$@\"; }}; {command}"], cwd=cwd,
        env=environment(env), capture_output=True, text=True, timeout=60)
    return completed.returncode, completed.stdout, completed.stderr


@pytest.mark.parametrize("command", [
    "run pipeline.yaml", "status pipeline.yaml", "plan pipeline.yaml", "validate pipeline.yaml",
    "endpoints", "schema pipeline.yaml --stream calls --dialect duckdb",
    "run pipeline.yaml --format json",
])
def test_74_when_the_output_cannot_be_written(work, calm, command):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
    if not command.startswith(("run", "plan")):
        assert work.run().code == 0
    code, _, err = shell(f"cdrx {command} > /dev/full", work.path)
    assert code == 74, err
    assert "error: the output cannot be written: No space left on device" in err
    # What was exported before the printing stays.
    if command.startswith("run"):
        assert work.run(command="verify").code == 0


def test_a_reader_that_goes_away_is_no_error(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
    assert work.run().code == 0
    code, out, err = shell(
        "cdrx endpoints telecmi.v2.user.out_missed | head -1; exit ${PIPESTATUS[0]}", work.path)
    assert (code, err) == (0, "") and len(out.splitlines()) == 1


def test_verify_without_partitions_is_an_error(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
    (work.path / "empty").mkdir()
    for target in ["empty", "pipeline.yaml"]:
        result = cdrx("verify", target, cwd=work.path)
        assert result.code == 1, result
        assert f"error: nothing was verified: there is no partition in or below '{target}'" in result.err


def test_an_endless_file_is_refused(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
    result = cdrx("validate", "/dev/zero", cwd=work.path)
    assert result.code == 78 and "`/dev/zero` has more than 64 MiB" in result.err, result
    text = (work.path / "pipeline.yaml").read_text()
    work.write("endless.yaml", text.replace(
        text[text.index("accounts:"):], "accounts: {file: /dev/zero}\n"))
    result = cdrx("validate", "endless.yaml", cwd=work.path)
    assert result.code == 78 and "`/dev/zero` has more than 64 MiB" in result.err, result


@pytest.mark.parametrize("name", ["part-00000.csv.gz", "_manifest.json"])
@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_verify_names_a_pipe_or_link_and_never_waits(work, calm, name, kind):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
    assert work.run().code == 0
    path = work.exports / PARTITION / name
    path.rename(work.path / "moved")
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(work.path / "moved")
    result = cdrx("verify", "exports", cwd=work.path)
    assert result.code == 1, result
    assert f"{PARTITION}/{name} is a link, a pipe or a device" in result.out, result


def test_messages_begin_alike(work):
    result = cdrx("backfill", "x.yaml", "--from", "2026-01-02", "--to", "2026-01-01", cwd=work.path)
    assert result.code == 64
    assert result.err.startswith("error: ") and "Error:" not in result.err


def test_names_are_listed_once(work, calm):
    work.pipeline([
        stream("a", USER_OUT_MISSED, calm, "user-101"),
        stream("b", USER_OUT_MISSED, calm, "user-101")])
    result = work.run("--account", "nosuch")
    assert "there are user-101 [" in result.err, result


@pytest.mark.parametrize("limit", [12, 16, 24])
def test_few_file_descriptors_give_a_message(work, calm, limit):
    """Whether it gets through or not: no trap, and what is published is whole."""
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-101")])
    code, _, err = shell(f"ulimit -n {limit}; cdrx run pipeline.yaml", work.path)
    assert code in (0, 1, 69, 74), err
    assert code == 0 or "open files" in err, err
    assert work.run().code == 0
    assert work.run(command="verify").code == 0
