"""What cdrx says of itself: completion scripts, the man page, the version."""
import re
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
