"""The recipes of `samples/deploy`, as far as they can be tried in seconds; `Tests/deploy/run` does the rest."""
import datetime
import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
import sys

import pytest

import harness
from harness import CDRX, ROOT, USER_OUT_MISSED, cdrx, environment, stream

sys.path += [str(pathlib.Path(__file__).parents[1] / name) for name in ("deploy", "readers")]

import databases  # noqa: E402
import dockerfile  # noqa: E402

DEPLOY = ROOT / "samples" / "deploy"


@pytest.fixture
def units(tmp_path):
    """The units as they are installed, with the program where it was built."""
    place = tmp_path / "units"
    place.mkdir()
    for unit in (DEPLOY / "systemd").glob("cdrx@.*"):
        text = unit.read_text()
        (place / unit.name).write_text(text.replace("ExecStart=/usr/bin/cdrx ", f"ExecStart={CDRX} "))
    return place


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True)


def test_systemd_takes_the_units(units):
    result = analyze("verify", "--man=no", units / "cdrx@.service", units / "cdrx@.timer")
    assert (result.returncode, result.stderr) == (0, "")
    broken = units / "cdrx@.service"
    broken.write_text(broken.read_text().replace("ProtectHome=yes", "ProtectHomes=yes"))
    assert "ProtectHomes" in analyze("verify", "--man=no", broken).stderr


def test_the_service_may_do_little(units):
    """systemd's own measure from 0 (locked up) to 10; it must talk to the network."""
    command = "security", "--offline=true", "--threshold=15", units / "cdrx@.service"
    assert analyze(*command).returncode == 0, analyze(*command).stdout
    service = units / "cdrx@.service"
    service.write_text(service.read_text().replace("ProtectSystem=strict\n", "").replace("PrivateUsers=yes\n", ""))
    assert analyze(*command).returncode != 0


def test_the_service_tries_again_unless_a_person_is_needed():
    text = (DEPLOY / "systemd" / "cdrx@.service").read_text()
    [codes] = re.findall(r"^RestartPreventExitStatus=(.*)$", text, re.M)
    assert codes.split() == ["64", "77", "78"]
    assert "Restart=on-failure\n" in text


def test_the_timer_is_after_midnight():
    [when] = re.findall(r"^OnCalendar=(.*)$", (DEPLOY / "systemd" / "cdrx@.timer").read_text(), re.M)
    result = analyze("calendar", "--iterations=1", when)
    assert result.returncode == 0 and "02:00:00" in result.stdout, result


@pytest.fixture
def installed(work, calm, tmp_path):
    """/etc/cdrx/nightly.yaml and .env, /var/lib/cdrx and the program, below a directory."""
    (tmp_path / "var/lib/cdrx/nightly").mkdir(parents=True)
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "ann") | {"accounts": [{"account": "ann", "token": "${TOKEN_OF_ANN}"}]}],
        name="etc/cdrx/nightly.yaml")
    work.write("etc/cdrx/nightly.env", "TOKEN_OF_ANN='ann'\n")
    work.exports = tmp_path / "var/lib/cdrx/nightly/exports"
    return tmp_path


def here(command, place):
    """A command with its absolute paths below a directory, and the built program's name."""
    command = re.sub(r"/(etc|var/lib)/cdrx", rf"{place}/\1/cdrx", command)
    return re.sub(r"(?<![\w/.])(/usr/bin/)?cdrx(?= run)", shlex.quote(CDRX), command)


def test_the_cron_line_exports_and_says_nothing(installed, work):
    lines = [line for line in (DEPLOY / "cdrx.cron").read_text().splitlines()
             if line and not line.startswith("#")]
    settings, [job] = lines[:-1], lines[-1:]
    assert all(re.fullmatch(r"[A-Z]+=\S+", line) for line in settings), settings
    minute, hour, day, month, weekday, user, command = job.split(None, 6)
    datetime.time(int(hour), int(minute))
    assert (day, month, weekday, user) == ("*", "*", "*", "cdrx")
    # cron takes a percent sign for the end of the line.
    assert "%" not in command
    result = subprocess.run(
        ["/bin/sh", "-c", here(command, installed)], env=environment(), capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert work.partitions() == ["calls/dt=2026-01-01"]


def test_the_unit_runs_what_the_cron_line_runs(installed, work):
    text = (DEPLOY / "systemd" / "cdrx@.service").read_text()
    [command] = re.findall(r"^ExecStart=(.*)$", text, re.M)
    result = subprocess.run(
        shlex.split(here(command.replace("%i", "nightly"), installed)), env=environment({"TOKEN_OF_ANN": "ann"}),
        capture_output=True, text=True)
    assert result.returncode == 0, result
    assert work.partitions() == ["calls/dt=2026-01-01"]


def test_the_dockerfile_has_only_known_steps():
    text = (DEPLOY / "Dockerfile").read_text()
    (build, _, steps), (_, base, last) = dockerfile.stages(dockerfile.parse(text))
    assert dockerfile.shell_problems(text) == []
    assert dockerfile.shell_problems("FROM a\nRUN if true") != []
    [copied] = [step for step in last if step.name == "COPY"]
    assert copied.flags == {"from": build}
    # What the image runs as: not root, and no shell between the signal and cdrx.
    [user] = [step.text for step in last if step.name == "USER"]
    [entrypoint] = [step.words for step in last if step.name == "ENTRYPOINT"]
    assert user.split(":")[0] not in ("0", "root") and entrypoint == ["/usr/bin/cdrx"]
    with pytest.raises(ValueError, match="MAINTAINER"):
        dockerfile.parse("FROM a\nMAINTAINER b")


def test_what_was_built_is_no_part_of_the_image():
    patterns = dockerfile.ignored((DEPLOY / "Dockerfile.dockerignore").read_text())
    leave = shutil.ignore_patterns(*patterns)
    names = {".build", ".build-portable", ".venv-tests", "exports", ".git", "Sources", "Package.swift"}
    assert names - leave(".", names) == {".git", "Sources", "Package.swift"}


class Remote:
    """What `rclone-upload` copies to: here a directory, for a bucket."""

    def __init__(self, work):
        self.path = work.path / "remote"
        self.work = work
        self.calls = work.path / "calls"
        self.programs = work.path / "bin"
        self.programs.mkdir()
        shim = self.programs / "rclone"
        shim.write_text(
            f'#!/bin/sh\necho "$1" >>"{self.calls}"\n'
            f'[ "$(wc -l <"{self.calls}")" -gt "$LIMIT" ] && exit 1\nexec {shutil.which("rclone")} "$@"\n')
        shim.chmod(0o755)

    def upload(self, limit=99, exports=None):
        """Copies; only so many calls of rclone work."""
        self.calls.unlink(missing_ok=True)
        return subprocess.run(
            [DEPLOY / "rclone-upload", exports or self.work.exports, self.path], capture_output=True, text=True,
            env=environment({"LIMIT": str(limit), "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
                             "RCLONE_CONFIG": os.devnull}))

    def files(self):
        return {path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file()}


@pytest.fixture
def remote(work):
    return Remote(work)


def exported(work, calm, days):
    window = {"every": "day", "range": {"from": "2026-01-01", "to": f"2026-01-{days + 1:02d}"}}
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "ann")], windows=window)
    assert work.run().code == 0


def test_rclone_copies_all_that_readers_need_and_no_state(work, calm, remote):
    exported(work, calm, days=2)
    result = remote.upload()
    assert result.returncode == 0, result
    expected = set(work.state()) | {f"_runs/{path.name}" for path in work.run_file_paths()}
    assert remote.files() == expected
    assert cdrx("verify", remote.path).code == 0
    # What is no longer published goes, too.
    shutil.rmtree(work.exports / "calls/dt=2026-01-02")
    assert remote.upload().returncode == 0
    assert not (remote.path / "calls/dt=2026-01-02/_SUCCESS").exists()


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_rclone_that_fails_leaves_no_mark_without_its_files(work, calm, remote, limit):
    exported(work, calm, days=2)
    assert remote.upload(limit).returncode != 0
    marks = [name for name in remote.files() if name.endswith("_SUCCESS")]
    assert len(marks) == (2 if limit == 3 else 0)
    manifests = [name for name in remote.files() if name.endswith("_manifest.json")]
    assert len(manifests) == (2 if limit >= 2 else 0)
    if manifests:
        assert {line.split()[0] for line in cdrx("verify", remote.path).out.splitlines()} <= {"missing_success"}
    assert remote.upload().returncode == 0
    assert cdrx("verify", remote.path).code == 0


def test_rclone_of_an_output_that_is_not_mounted_removes_nothing(work, calm, remote):
    exported(work, calm, days=1)
    assert remote.upload().returncode == 0
    before = remote.files()
    empty = work.path / "unmounted"
    empty.mkdir()
    result = remote.upload(exports=empty)
    assert result.returncode == 66 and "mounted" in result.stderr
    assert remote.files() == before


@pytest.fixture(scope="module")
def postgres():
    started = databases.Postgres()
    yield started
    started.stop()


def nightly(work, postgres, *arguments):
    programs = work.path / "programs"
    if not programs.exists():
        programs.mkdir()
        (programs / "psql").symlink_to(f"{postgres.binaries}/psql")
        (programs / "cdrx").write_text(f'#!/bin/sh\necho "$1" >>"{work.path}/commands"\nexec {CDRX} "$@"\n')
        (programs / "cdrx").chmod(0o755)
    url = f"host={postgres.directory} port={postgres.port} user=postgres dbname=postgres"
    return subprocess.run(
        [DEPLOY / "nightly-postgres", *arguments], cwd=work.path, capture_output=True, text=True,
        env=environment({"DATABASE_URL": url, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}))


def test_a_night_ends_in_postgres_and_each_version_once(work, calm, postgres):
    for days in (1, 2, 2):
        window = {"every": "day", "range": {"from": "2026-01-01", "to": f"2026-01-{days + 1:02d}"}}
        work.pipeline([stream("nights", USER_OUT_MISSED, calm, "ann")], windows=window)
        result = nightly(work, postgres, "pipeline.yaml")
        assert result.returncode == 0, result
        assert postgres.count("nights") == 300 * days


def test_what_a_bad_night_published_is_loaded_and_the_night_stays_bad(work, calm, postgres):
    work.pipeline([stream("bad_nights", USER_OUT_MISSED, calm, "ann", "bob:wrong")])
    assert nightly(work, postgres, "pipeline.yaml").returncode == 77
    assert postgres.count("bad_nights") == 300


def test_a_night_that_cannot_begin_loads_nothing(work, postgres):
    work.write("pipeline.yaml", "pipeline: nonsense\n")
    assert nightly(work, postgres, "pipeline.yaml").returncode == 78
    assert (work.path / "commands").read_text() == "run\n"
    assert nightly(work, postgres).returncode == 64


def test_scripts_of_the_samples_can_be_started():
    for name in ("build-portable", "build-deb", "small-icu", "rclone-upload", "nightly-postgres"):
        path = DEPLOY / name
        assert path.stat().st_mode & stat.S_IXUSR
        if path.read_text().startswith("#!/bin/sh") or "bash" in path.read_text().split("\n")[0]:
            assert subprocess.run(["bash", "-n", path], capture_output=True).returncode == 0
