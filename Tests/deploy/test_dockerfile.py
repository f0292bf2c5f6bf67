"""The Dockerfile's steps, followed in bare Debian systems: no engine runs here."""
import os
import shutil
import subprocess

import pytest
from harness import ROOT

import dockerfile
import exports
from root import PATH, Root

DEPLOY = ROOT / "samples" / "deploy"
# What the image of the first stage has besides Swift, by its own Dockerfile.
OF_SWIFT = ["binutils", "ca-certificates", "git", "libc6-dev", "libcurl4-openssl-dev", "libedit2", "libgcc-12-dev",
            "libpython3-dev", "libsqlite3-0", "libstdc++-12-dev", "libxml2-dev", "libncurses-dev", "libz3-dev",
            "pkg-config", "tzdata", "zlib1g-dev"]


def mirrors():
    """Directories that Git asks here instead of a host."""
    listed = subprocess.run(
        ["git", "config", "--system", "--name-only", "--get-regexp", r"^url\..*\.insteadof$"],
        capture_output=True, text=True).stdout.split()
    return {name.removeprefix("url.").rsplit(".", 1)[0] for name in listed if name.startswith("url./")}


@pytest.fixture
def follow(tmp_path, portable):
    made = []

    def base(image):
        release = {"debian:13-slim": "trixie", "swift:6.3.1-bookworm": "bookworm"}[image]
        root = Root(portable.parent / "roots" / release).copy(tmp_path / f"root-{len(made)}")
        made.append(root)
        if image.startswith("swift"):
            root.install(*OF_SWIFT)
            toolchain = os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("swift"))))
            root.mounts[toolchain] = toolchain
            root.environment["PATH"] = f"{toolchain}/bin:{PATH}"
            for mirror in mirrors():
                root.mounts[mirror] = mirror
                root.place("/etc/gitconfig", "/etc/gitconfig")
        return root

    def follow(built=None):
        return dockerfile.follow(
            (DEPLOY / "Dockerfile").read_text(), ROOT,
            dockerfile.ignored((DEPLOY / "Dockerfile.dockerignore").read_text()), base, built)
    yield follow
    for root in made:
        shutil.rmtree(root.path)


def check(image, tmp_path):
    shown = image.run()
    assert shown.returncode == 0 and "USAGE: cdrx" in shown.stdout, shown
    data = image.root.path / "data"
    # As `-v` brings it: a directory of the user's.
    subprocess.run(["chown", image.user, data], check=True)
    image.root.place(exports.PIPELINE, "/data/quickstart.yaml")
    with exports.simulating_in(image.root, "/usr/bin/cdrx") as url:
        result = image.run("run", "quickstart.yaml", "--out", "exports", env={"CDRX_SIMULATOR_URL": url})
    assert result.returncode == 0, result
    assert {path.stat().st_uid for path in (data / "exports").rglob("*")} == {10001}
    assert exports.facts(data / "exports") == exports.normal(tmp_path / "normal")
    assert list((image.root.path / "tmp").glob("*.deb")) == []


def test_the_image_runs_as_a_user_of_its_own(follow, package, tmp_path):
    """With the package that is built already in place of the first stage."""
    stage = Root(tmp_path / "stage")
    stage.place(package, "/source/.build-portable/cdrx.deb")
    check(follow({"build": stage}), tmp_path)


@pytest.mark.skipif(os.environ.get("CDRX_DOCKERFILE") != "whole", reason="builds cdrx: CDRX_DOCKERFILE=whole")
def test_every_step_from_the_sources(follow, tmp_path):
    check(follow(), tmp_path)
