"""The portable build in bare systems: it starts, does the same, and says what is missing."""
import re
import shutil
import subprocess
import zoneinfo

import pytest
from harness import CDRX, USER_OUT_MISSED, environment, stream
from provider import providing, user_page, user_records
from test_tls import Authority

import exports

MILLION = 1_000_000
OF_GLIBC = r"linux-vdso|ld-linux|lib(?:c|m|resolv|dl|pthread|rt)\.so"


@pytest.fixture
def placed(bare, portable):
    """The directory as /opt/cdrx, and nothing else."""
    bare.place(portable, "/opt/cdrx")
    return bare


def test_it_starts_without_swift_and_without_libraries_of_the_system(placed):
    here = [path.name for path in placed.path.glob("usr/lib/**/*.so*")]
    assert "libm.so.6" in here and not [name for name in here if re.match("lib(swift|curl|simdjson)", name)]
    result = placed.run("/opt/cdrx/cdrx", "--version")
    assert result.returncode == 0 and re.match(r"\d+\.\d+\.\d+\n", result.stdout), result
    used = placed.run("ldd", "/opt/cdrx/cdrx", check=True).stdout.splitlines()
    others = [line for line in used if "=> /opt/cdrx/" not in line]
    assert others and all(re.search(OF_GLIBC, line) for line in others), others


def test_quickstart_gives_the_same_bytes(placed, tmp_path):
    expected = exports.normal(tmp_path / "normal")
    assert len([name for name in expected if name.endswith("_manifest.json")]) == 13
    assert exports.inside(placed, "/opt/cdrx/cdrx") == expected


def test_https_without_authorities_names_the_remedy_which_works(placed, tmp_path, work):
    authority = Authority(tmp_path, "own-authority")
    records = user_records(95, 1_767_225_600_000, step=60_000)
    with providing(lambda request: user_page(request, records), authority.context("good")) as provider:
        work.pipeline([stream("calls", USER_OUT_MISSED, provider, "ann")])
        placed.place(work.path / "pipeline.yaml", "/srv/pipeline.yaml")
        refused = placed.run("/opt/cdrx/cdrx", "run", "pipeline.yaml", cwd="/srv")
        assert refused.returncode == 1
        assert "package ca-certificates" in refused.stderr and "SSL_CERT_FILE" in refused.stderr
        assert provider.requests == []
        placed.place(authority.certificate, "/srv/own.pem")
        taken = placed.run("/opt/cdrx/cdrx", "run", "pipeline.yaml", cwd="/srv", env={"SSL_CERT_FILE": "own.pem"})
        assert taken.returncode == 0, taken


PLANS = """for file in *.yaml; do "$0" plan "$file" --format json >"$file.json" 2>&1; echo $? >>"$file.json"; done"""


def test_every_time_zone_is_as_in_the_normal_build(placed):
    """Zones are in the program: neither the system's files nor Swift's own library are needed."""
    place = placed.path / "srv/zones"
    place.mkdir()
    shutil.rmtree(placed.path / "usr/share/zoneinfo")
    zones = sorted(zoneinfo.available_timezones() - {"localtime", "posixrules", "Factory"})
    for zone in zones:
        (place / f"{zone.replace('/', '_')}.yaml").write_text(f"""
pipeline: zones
timezone: {zone}
windows: {{every: month, range: {{from: 2025-01-01, to: 2028-01-01}}}}
output: {{path: none}}
streams:
  - {{stream: calls, endpoint: {USER_OUT_MISSED}, accounts: [{{account: ann, token: any}}]}}
""")

    def plans():
        return {path.name: path.read_text() for path in place.glob("*.json")}

    subprocess.run(["sh", "-c", PLANS, CDRX], cwd=place, env=environment(), check=True)
    expected = plans()
    assert len([text for text in expected.values() if text.endswith("}\n0\n")]) > 400
    placed.run("sh", "-c", PLANS, "/opt/cdrx/cdrx", cwd="/srv/zones", check=True)
    found = plans()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert len(expected) == len(zones)


def test_its_size_and_what_it_lists(portable):
    archive = portable.with_name(portable.name + ".tar.gz")
    assert archive.stat().st_size <= 30 * MILLION
    names = subprocess.run(["tar", "-tzf", archive], check=True, capture_output=True, text=True).stdout.split()
    assert f"{portable.name}/cdrx" in names and f"{portable.name}/LICENSE" in names
    listed = (portable / "LIBRARIES").read_text().splitlines()
    assert len(listed) > 20 and all(re.fullmatch(r"\S+ \S+ \(\S+\)", line) for line in listed)
    for line in listed:
        package = line.split("(")[1].rstrip(")").split(":")[0]
        assert (portable / "licenses" / package).stat().st_size > 0
