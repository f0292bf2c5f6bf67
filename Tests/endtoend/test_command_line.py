"""What cdrx says of itself: help, codes, typos, completion scripts, the man page, the version."""
import json
import os
import re
import shlex
import subprocess

import pytest

from harness import CDRX, ROOT, cdrx, environment


def judged(*command, text=None):
    completed = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=60, env=environment())
    return completed.stdout + completed.stderr, completed.returncode


def commands():
    helped = cdrx("--help").out.split("SUBCOMMANDS:")[1].split("See 'cdrx")[0]
    return re.findall(r"^  ([a-z]+)\s", helped, re.M)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_valid(shell, tmp_path):
    script = tmp_path / "cdrx"
    script.write_text(cdrx("completions", shell).out)
    assert script.stat().st_size > 5_000
    assert judged(shell, "-n", script) == ("", 0)


def completed(shell, words, script):
    """What a shell offers for the last of the words."""
    if shell == "fish":
        said, code = judged("fish", "-c", f"source {script}; complete -C '{' '.join(words)}'")
        return {line.split("\t")[0] for line in said.splitlines()}
    line = " ".join(words)
    code = f"""
        source {script}
        COMP_WORDS=({' '.join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
        COMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_TYPE=9
        _cdrx cdrx '{words[-1]}' '{words[-2]}'; printf '%s\\n' "${{COMPREPLY[@]}}" """
    said, code = judged("bash", "-c", code)
    return set(said.split())


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_a_shell_completes_commands_flags_and_values(shell, tmp_path):
    script = tmp_path / "cdrx"
    script.write_text(cdrx("completions", shell).out)
    assert "status" in completed(shell, ["cdrx", "sta"], script)
    assert "--force" in completed(shell, ["cdrx", "backfill", "--for"], script)
    assert {"table", "json"} <= completed(shell, ["cdrx", "status", "--format", ""], script)


def test_the_man_page_names_every_command_and_pleases_its_readers(tmp_path):
    page = tmp_path / "cdrx.1"
    page.write_text(cdrx("manual").out)
    assert judged("mandoc", "-T", "lint", "-W", "style", page) == ("", 0)
    groff = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], capture_output=True, text=True)
    assert (groff.stderr, groff.returncode) == ("", 0)
    shown, code = judged("mandoc", "-T", "ascii", page)
    shown = re.sub(r".\x08", "", shown)
    for command in commands():
        assert re.search(rf"^ +cdrx {command}\b", shown, re.M), command
    for word in ["EXIT STATUS", "--shrink <policy>", "cdrx archive export"]:
        assert word in shown
    codes = set(re.findall(r"^ {7}(\d+)(?:, (\d+))?", shown.split("EXIT STATUS")[1], re.M))
    readme = (ROOT / "README.md").read_text().split("| exit code |")[1]
    listed = set(re.findall(r"^\| (\d+)(?:, (\d+))? \|", readme.split("\n\n")[0], re.M))
    assert codes == listed


def test_the_version_is_one_line_and_facts_of_the_build():
    version, *facts = cdrx("--version").out.splitlines()
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    facts = dict(re.split(r": +", line, maxsplit=1) for line in facts)
    assert set(facts) == {"commit", "build", "libraries"}
    assert re.fullmatch(r"[0-9a-f]{12}\+?|unknown", facts["commit"])
    assert re.match(r"(debug|release), Swift \d+\.\d+", facts["build"])
    found = dict(entry.split(" ", 1) for entry in facts["libraries"].split(", "))
    assert set(found) >= {"libcurl", "zlib", "zstd", "simdjson", "SQLite"}
    linked = subprocess.run(["ldd", CDRX], capture_output=True, text=True).stdout
    [curl] = re.findall(r"libcurl\S* => (\S+)", linked)
    # The run-time version is that of the library that is loaded, not of the headers.
    assert f"libcurl/{found['libcurl']}".encode() in open(curl, "rb").read()


def described():
    """Every command without subcommands: path → its description by ArgumentParser."""
    root = json.loads(cdrx("--experimental-dump-help").out)["command"]
    found = {}

    def walk(command, path):
        subcommands = [each for each in command.get("subcommands", []) if each["commandName"] != "help"]
        for each in subcommands:
            walk(each, [*path, each["commandName"]])
        if path and not subcommands:
            found[tuple(path)] = command

    walk(root, [])
    return found


COMMANDS = described()


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_has_examples_whose_flags_exist(path):
    command = COMMANDS[path]
    [block] = re.findall(r"Examples:\n((?:  .*\n?)+)", command["discussion"])
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    names = {"--" + name["name"] if name["kind"] == "long" else "-" + name["name"]
             for argument in command["arguments"] for name in argument.get("names", [])}
    for line in lines:
        words = shlex.split(re.split(r" [|>] ", line)[0])
        assert words[:1 + len(path)] == ["cdrx", *path], line
        assert {word for word in words if word.startswith("-")} <= names, line
    helped = cdrx(*path, "--help").out
    assert all(line in helped for line in lines)


@pytest.mark.parametrize("arguments, said", [
    (["statsu", "x.yaml"], "cdrx has no command 'statsu'; did you mean `status`?"),
    (["archive", "lsit"], "cdrx archive has no command 'lsit'; did you mean `list`?"),
    (["run", "--strem", "x", "a.yaml"], "cdrx run has no option '--strem'; did you mean `--stream`?"),
    (["backfill", "a.yaml", "--form=2026-01-01"],
     "cdrx backfill has no option '--form'; did you mean `--from`?"),
    (["archive", "prune", "a.yaml", "--dryrun"],
     "cdrx archive prune has no option '--dryrun'; did you mean `--dry-run`?"),
    (["endpoints", "commo.getbill"], "there is no endpoint 'commo.getbill'; did you mean `commo.get_bill`?"),
    (["help", "uneconciled"], "there is no command and no code 'uneconciled'; did you mean `unreconciled`?"),
    (["frobnicate"], "cdrx has no command 'frobnicate'; there are init, run, "),
    (["run"], "Missing expected argument '<files> ...'"),
])
def test_a_typo_gets_the_nearest_name(arguments, said):
    result = cdrx(*arguments)
    assert result.code == 64
    assert result.err.startswith(f"error: {said}")
    assert result.out == ""


@pytest.mark.parametrize("command", [
    ["run"], ["plan"], ["check"], ["status"], ["rejects"], ["rebuild"],
    ["backfill", "--from", "2026-01-01", "--to", "2026-01-02"],
])
def test_a_stream_or_account_that_is_not_there_gets_the_nearest_name(command):
    quickstart = str(ROOT / "pipelines" / "quickstart.yaml")
    for flag, name, said in [("--stream", "comm", "no stream 'comm'; did you mean `commo`?"),
                             ("--account", "agent-130", "no account 'agent-130'; did you mean `agent-103`?")]:
        result = cdrx(command[0], quickstart, *command[1:], flag, name, "--out", "/nonexistent/out")
        assert result.code == 64, result
        assert said in result.err


def declared():
    """Codes by the types that report them, from the sources."""
    found = {}
    for path in sorted((ROOT / "Sources").rglob("*.swift")):
        text = path.read_text(encoding="utf-8")
        for owner in re.findall(r"^extension ([\w.]+)(?:: ReportedCode)? \{\n    public var explanation", text, re.M):
            found[owner] = path
    return found


def raw_values(owner):
    """Of the enumeration `Owner.Name`."""
    outer, name = owner.split(".")
    for path in (ROOT / "Sources").rglob("*.swift"):
        text = path.read_text(encoding="utf-8")
        body = re.search(rf"(?:struct|extension) {outer}\b.*?enum {name}: String[^{{]*\{{(.*?)\n    \}}", text, re.S)
        if body:
            return {raw or case for case, raw in re.findall(r'^        case (\w+)(?: = "(\w+)")?$', body[1], re.M)}
    raise AssertionError(owner)


def test_every_code_of_the_sources_is_explained():
    owners = declared()
    assert len(owners) >= 15
    listed = set(re.findall(r"^\| `(\w+)` ", (ROOT / "pipelines/CODES.md").read_text(), re.M))
    # The simulator is a program of its own.
    expected = set().union(*(raw_values(owner) for owner in owners if owner != "SimulatorError.Code"))
    assert expected == listed
    for path in (ROOT / "Sources").rglob("*.swift"):
        text = path.read_text(encoding="utf-8")
        # A code that is not declared would not be in the table.
        assert path.name == "ExitMeaning.swift" or not re.search(r'\bcode: "', text), path
        for kind in re.findall(r"enum (Code|Reason)\b: String", text):
            owner = re.search(rf"(?:struct|extension) (\w+)[^\n]*\{{(?:(?!\n\}}).)*?enum {kind}\b", text, re.S)[1]
            assert f"{owner}.{kind}" in owners or owner in ("FileSystemError", "OutdatedWindows", "PlannedWindow"), path


def test_codes_are_listed_and_explained():
    reference = ROOT / "pipelines" / "CODES.md"
    printed = cdrx("help", "codes").out
    if os.environ.get("RECORD"):
        reference.write_text(printed)
        pytest.fail("recorded")
    assert reference.read_text() == printed
    for code, meaning, remedy in re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", printed, re.M):
        assert cdrx("help", code).out == f"{code}\n\n{meaning}\nWhat to do: {remedy}\n"
    assert "http_503\n\nThe provider answered with this HTTP status" in cdrx("help", "http_503").out
    assert cdrx("help", "143").out == "exit code 143\n\nInterrupted by a signal; the next run resumes.\n"
    assert cdrx("help", "run").out == cdrx("run", "--help").out
    assert cdrx("help").out == cdrx("--help").out
