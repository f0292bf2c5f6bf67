"""The installed units under a systemd that was booted: systemd-nspawn with Debian 12."""
import re
import shutil
import subprocess

import pytest
from harness import USER_OUT_MISSED, simulating

from root import Root

PIPELINE = f"""
pipeline: nightly
timezone: UTC
windows: {{every: day, range: {{from: 2026-01-01, to: 2026-01-03}}}}
extract: {{requests_per_second: 10000, attempts: 1}}
output: {{path: exports}}
streams:
  - stream: calls
    endpoint: {USER_OUT_MISSED}
    base_url: ${{URL}}
    accounts: [{{account: ann, token: "${{TOKEN_OF_ANN}}"}}]
"""
# `gone` asks a port where nobody listens, `wrong` has no valid pipeline file.
SCRIPT = """#!/bin/sh
for name in nightly gone wrong; do
    systemctl start cdrx@$name
    echo "$name: $?"
    systemctl show -p ActiveState -p ExecMainStatus cdrx@$name
done
systemctl enable --now cdrx@nightly.timer
systemctl show -p NextElapseUSecRealtime cdrx@nightly.timer
journalctl -u cdrx@nightly --no-pager -o cat
touch /ended
"""
UNIT = """
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/try
ExecStopPost=/bin/systemctl poweroff --no-block
StandardOutput=file:/log
StandardError=file:/log
"""


@pytest.fixture
def system(portable, package, tmp_path):
    root = Root(portable.parent / "roots" / "bookworm").copy(tmp_path / "root")
    root.install("systemd", "systemd-sysv", "dbus")
    root.place(package, "/tmp/cdrx.deb")
    root.install("/tmp/cdrx.deb")
    yield root
    shutil.rmtree(root.path)


def write(root, name, text, mode=0o640):
    path = root.path / name
    path.write_text(text)
    path.chmod(mode)
    root.run("chgrp", "cdrx", f"/{name}", check=True)


def test_the_service_exports_tries_again_and_gives_up(system):
    for name, url in (("nightly", None), ("gone", "http://127.0.0.1:1")):
        write(system, f"etc/cdrx/{name}.yaml", PIPELINE)
        if url:
            write(system, f"etc/cdrx/{name}.env", f"URL={url}\nTOKEN_OF_ANN=any\n", 0o600)
    write(system, "etc/cdrx/wrong.yaml", "pipeline: nonsense\n")
    write(system, "try", SCRIPT, 0o755)
    write(system, "etc/systemd/system/try.service", UNIT, 0o644)
    wants = system.path / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(exist_ok=True)
    (wants / "try.service").symlink_to("/etc/systemd/system/try.service")
    with simulating("--rows-per-day", "300") as simulator:
        write(system, "etc/cdrx/nightly.env", f"URL={simulator.url}\nTOKEN_OF_ANN=any\n", 0o600)
        booted = subprocess.run(
            ["systemd-nspawn", "--directory", system.path, "--register=no", "--keep-unit", "--boot"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert (system.path / "ended").exists(), booted
    log = (system.path / "log").read_text()
    assert "nightly: 0\nExecMainStatus=0\nActiveState=inactive\n" in log or \
        "nightly: 0\nActiveState=inactive\nExecMainStatus=0\n" in log, log
    # Who could not be reached is tried again; a file that is wrong is not.
    states = dict(re.findall(r"^(gone|wrong): 1\n(?:\w+=\w+\n)*?ActiveState=([\w-]+)$", log, re.M))
    assert states == {"gone": "activating", "wrong": "failed"}, log
    assert re.search(r"^NextElapseUSecRealtime=\w+ .* 02:0\d:\d\d|02:10:00", log, re.M), log
    exports = system.path / "var/lib/cdrx/nightly/exports"
    assert [path.parent.name for path in sorted(exports.glob("calls/*/_SUCCESS"))] == ["dt=2026-01-01", "dt=2026-01-02"]
    # For the group, and for nobody else.
    assert {oct(path.stat().st_mode & 0o007) for path in exports.parent.rglob("*")} == {"0o0"}
