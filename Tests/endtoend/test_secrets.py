"""Secrets from files and commands, as the built program reads them."""
import tempfile

import pytest

from harness import USER_OUT_MISSED, Workplace, cdrx

SECRET = "hunter2hunter2"


def stream(name, token, url):
    return {"stream": name, "endpoint": USER_OUT_MISSED, "base_url": url,
            "accounts": [{"account": name, "token": token}]}


def counting(work, text=SECRET):
    """A command that leaves a line each time it runs, and prints the secret."""
    return f"${{command:echo ran >> {work.path}/ran; echo {text}}}"


def runs(work):
    path = work.path / "ran"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_a_run_takes_secrets_from_files_and_commands(work, calm):
    (work.path / "keys").mkdir(mode=0o700)
    work.write("keys/token", SECRET + "\n").chmod(0o600)
    work.write("agents.csv", 'account,token\na1,${file:keys/token}\na2,"${command:echo a,b}"\n')
    work.pipeline([
        stream("file", "${file:keys/token}", calm.url),
        stream("command", "${command:printf '%s\\n' \"$PART\" | awk '{print $1}'}", calm.url),
        {"stream": "list", "endpoint": USER_OUT_MISSED, "base_url": calm.url,
         "accounts": {"file": "agents.csv"}},
    ])
    result = work.run(env={"PART": "first second"})
    assert result.code == 0, result
    assert "warning" not in result.err
    # The simulator's records are those of the token that came.
    for partition, tokens in [("file", [SECRET]), ("command", ["first"]), ("list", [SECRET, "a,b"])]:
        rows = sum(len(calm.truth(USER_OUT_MISSED, token)) for token in tokens)
        assert work.manifest(f"{partition}/dt=2026-01-01")["rows"] == rows > 0
    everything = "".join(
        path.read_text(errors="replace") for path in work.exports.rglob("*") if path.is_file())
    assert SECRET not in result.out + result.err + everything


def test_each_distinct_command_runs_once_and_only_where_requests_follow(work, calm):
    work.pipeline([
        stream("one", counting(work), calm.url), stream("two", counting(work), calm.url),
        stream("three", counting(work, "other"), calm.url),
    ])
    quiet = [("validate", []), ("plan", []), ("status", []), ("verify", []), ("rejects", []),
             ("schema", ["--stream", "one", "--dialect", "duckdb"]),
             ("load", ["--target", "t", "--dry-run"])]
    for command, flags in quiet:
        assert work.run(*flags, command=command).code in (0, 1), command
    assert runs(work) == 0
    assert work.run(command="check").code == 0
    assert runs(work) == 2
    assert work.run("pipeline.yaml").code == 0
    # Two files of one run share what a command printed.
    assert runs(work) == 4


def test_a_command_that_fails_shows_its_stderr_and_never_its_stdout(work, calm):
    work.pipeline([stream("one", f"${{command:echo {SECRET}; echo 'no such entry' >&2; exit 3}}", calm.url)])
    result = work.run()
    assert result.code == 78
    assert "`token`: the command ended with exit code 3, saying: no such entry" in result.err
    assert SECRET not in result.err + result.out
    assert calm.requests() == 0


@pytest.mark.parametrize("command", ["sleep 60", "sleep 60 & sleep 60", "trap '' TERM; sleep 60"])
def test_a_command_that_does_not_end_is_killed(work, calm, command):
    work.pipeline([stream("one", f"${{command:echo waiting >&2; {command}}}", calm.url)])
    result = work.run(env={"CDRX_COMMAND_TIMEOUT": "1"}, timeout=30)
    assert result.code == 78
    assert "did not end within 1 s (CDRX_COMMAND_TIMEOUT), saying: waiting" in result.err


def test_what_a_command_leaves_running_is_not_waited_for(work, calm):
    work.pipeline([stream("one", f"${{command:sleep 60 & echo {SECRET}}}", calm.url)])
    assert work.run(command="check", timeout=30).code == 0


@pytest.mark.parametrize("command, said", [
    ("yes", "has more than 64 KiB"), ("true", "is empty"), ("printf 'a\\nb'", "has several lines"),
    ("printf '\\377'", "is not UTF-8"), ("kill -9 $$", "was ended by signal 9"),
])
def test_what_is_no_secret_is_an_error_before_any_request(work, calm, command, said):
    work.pipeline([stream("one", f"${{command:{command}}}", calm.url)])
    result = work.run(timeout=30)
    assert (result.code, calm.requests()) == (78, 0)
    assert said in result.err


def test_a_file_that_others_may_read_is_a_warning():
    # pytest's own directories are closed to others.
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        work = Workplace(directory)
        work.path.chmod(0o755)
        path = work.write("token", SECRET)
        path.chmod(0o644)
        work.pipeline([stream("one", "${file:token}", "http://127.0.0.1:1")])
        result = work.run(command="validate")
        assert result.code == 0
        assert "can be read by every user of this machine; `chmod 600` it" in result.err
        path.chmod(0o640)
        assert "warning" not in work.run(command="validate").err
        path.chmod(0o644)
        work.path.chmod(0o750)
        assert "warning" not in work.run(command="validate").err


def test_output_and_state_lie_beside_the_pipeline_file(work, calm):
    file = work.pipeline(
        [stream("one", "${T}", calm.url)], name="etc/pipeline.yaml", state="state")
    result = cdrx("run", "etc/pipeline.yaml", cwd=work.path, env={"T": "t"})
    assert result.code == 0, result
    assert (file.parent / "exports/one/dt=2026-01-01/_SUCCESS").exists()
    assert (file.parent / "state/ledger.sqlite").exists()
    assert not work.exports.exists()
    # From wherever it is started, it is one output and one ledger.
    again = cdrx("run", file, cwd="/", env={"T": "t"})
    assert "0 windows published, 1 complete already" in again.err


def test_an_earlier_export_in_the_working_directory_is_pointed_out(work, calm):
    work.pipeline([stream("one", "${T}", calm.url)], name="etc/pipeline.yaml")
    moved = cdrx("run", "etc/pipeline.yaml", "--out", "exports", cwd=work.path, env={"T": "t"})
    assert moved.code == 0
    found = cdrx("plan", "etc/pipeline.yaml", cwd=work.path, env={"T": "t"})
    assert "`exports` in the working directory holds an earlier export" in found.err
    (work.path / "exports").rename(work.path / "etc/exports")
    found = cdrx("run", "etc/pipeline.yaml", cwd=work.path, env={"T": "t"})
    assert "earlier export" not in found.err
    assert "1 complete already" in found.err
