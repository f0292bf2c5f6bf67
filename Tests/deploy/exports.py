"""The quickstart's export, made anywhere, as what must be the same everywhere."""
import contextlib
import json

from harness import ROOT, Workplace, cdrx, simulating

PIPELINE = ROOT / "pipelines" / "quickstart.yaml"
ARGUMENTS = ["simulate", "--port", "0", "--rows-per-day", "300"]


def facts(exports):
    """Bytes of every part and mark, and of each manifest what does not name its run."""
    work = Workplace(exports.parent)
    work.exports = exports
    found = work.part_bytes()
    for path in exports.rglob("_manifest.json"):
        manifest = json.loads(path.read_text())
        for entry in manifest["accounts"]:
            for name in ("first_started_at", "last_started_at", "extracted_at"):
                entry.pop(name)
        del manifest["run_id"], manifest["published_at"]
        found[str(path.relative_to(exports))] = manifest
    return found


def normal(path):
    """By the build of every day, here."""
    with simulating(*ARGUMENTS[3:]) as simulator:
        result = cdrx("run", PIPELINE, "--out", path, env={"CDRX_SIMULATOR_URL": simulator.url})
    assert result.code == 0, result
    return facts(path)


@contextlib.contextmanager
def simulating_in(root, program):
    process = root.start(program, *ARGUMENTS)
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def inside(root, program, directory="/srv"):
    """By a program in a root, simulator and all."""
    root.place(PIPELINE, f"{directory}/quickstart.yaml")
    with simulating_in(root, program) as url:
        result = root.run(
            program, "run", "quickstart.yaml", "--out", "exports", cwd=directory,
            env={"CDRX_SIMULATOR_URL": url})
    assert result.returncode == 0, result
    return facts(root.path / directory.lstrip("/") / "exports")
