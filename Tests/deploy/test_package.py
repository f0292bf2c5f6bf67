"""The Debian package in Debian 12 and 13: what it needs comes along, and what it brings works."""
import gzip
import re
import subprocess

import pytest

import exports


@pytest.fixture
def installed(bare, package):
    bare.place(package, "/tmp/cdrx.deb")
    bare.install("/tmp/cdrx.deb")
    return bare


def test_installed_it_gives_the_same_bytes_and_goes_whole(installed, tmp_path):
    used = installed.run("ldd", "/usr/bin/cdrx", check=True).stdout
    assert "not found" not in used
    # Its own; all else is Debian's and gets Debian's updates.
    private = re.findall(r"=> (/usr/bin/\S*lib/cdrx/\S+|/usr/lib/cdrx/\S+)", used)
    assert [path.rsplit("/", 1)[1].split(".so")[0] for path in private] == ["libsimdjson"]
    assert exports.inside(installed, "/usr/bin/cdrx") == exports.normal(tmp_path / "normal")
    assert installed.run("dpkg", "--verify", "cdrx").stdout == ""
    for file in ["usr/share/bash-completion/completions/cdrx", "usr/share/zsh/vendor-completions/_cdrx",
                 "usr/share/fish/vendor_completions.d/cdrx.fish", "usr/share/cdrx/pipeline.schema.json",
                 "usr/share/cdrx/endpoint.schema.json"]:
        assert (installed.path / file).stat().st_size > 0, file
    manual = gzip.decompress((installed.path / "usr/share/man/man1/cdrx.1.gz").read_bytes())
    assert b"backfill" in manual
    assert (installed.path / "etc/cdrx").is_dir()
    installed.run("dpkg", "--purge", "cdrx", check=True)
    assert not (installed.path / "usr/bin/cdrx").exists()


def test_its_units_are_taken_and_its_user_is_made(bare, package):
    bare.install("systemd")
    bare.place(package, "/tmp/cdrx.deb")
    bare.install("/tmp/cdrx.deb")
    verified = bare.run("systemd-analyze", "verify", "--man=no", "cdrx@nightly.service", "cdrx@nightly.timer")
    assert (verified.returncode, verified.stderr) == (0, "")
    user = bare.run("getent", "passwd", "cdrx", check=True).stdout
    assert user.split(":")[5] == "/var/lib/cdrx"
    place = bare.run("stat", "-c", "%a %U %G", "/etc/cdrx", check=True).stdout
    assert place == "750 root cdrx\n"


def test_what_it_depends_on_is_what_is_linked(package):
    fields = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, capture_output=True, text=True).stdout
    names = {entry.split()[0] for entry in fields.split(", ")}
    # Its libsimdjson is in the package; zlib, zstd, libdeflate, SQLite and Swift in the program.
    assert names == {"libc6", "libcurl4", "libgcc-s1", "libssl3", "libstdc++6", "ca-certificates"}
