"""Follows a Dockerfile in directories, where no engine runs: its steps, not its isolation.

Only the instructions that ours uses are known; anything else is an error."""
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field

KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "STOPSIGNAL", "ENTRYPOINT", "CMD"}


@dataclass(frozen=True)
class Instruction:
    name: str
    text: str
    flags: dict

    @property
    def words(self):
        """The arguments: a JSON list, or separated by spaces."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


@dataclass
class Image:
    """A root directory and what `docker run` would begin with."""
    root: object
    user: str = "0:0"
    directory: str = "/"
    entrypoint: list = field(default_factory=list)
    command: list = field(default_factory=list)

    def run(self, *arguments, **options):
        return self.root.run(
            *self.entrypoint, *(arguments or self.command), user=self.user, cwd=self.directory,
            **options)


def parse(text):
    """The instructions, with comments gone and continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    instructions = []
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if not line.strip():
            continue
        name, rest = line.split(None, 1)
        if name not in KNOWN:
            raise ValueError(f"no step is known for {name}")
        flags = dict(re.findall(r"--(\w+)=(\S+)", rest)) if name == "COPY" else {}
        rest = re.sub(r"--\w+=\S+\s+", "", rest) if name == "COPY" else rest
        instructions.append(Instruction(name, rest.strip(), flags))
    return instructions


def stages(instructions):
    """(name or number, image it is from, its other instructions), in order."""
    found = []
    for instruction in instructions:
        if instruction.name == "FROM":
            image, *alias = instruction.words
            found.append((alias[1] if alias else str(len(found)), image, []))
        else:
            found[-1][2].append(instruction)
    return found


def ignored(text):
    """The patterns of a .dockerignore as `shutil.ignore_patterns` takes them, for the top level."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def follow(text, context, ignore, base, built=None):
    """Builds every stage in order and returns the last one's image.

    `base` makes a root for an image's name. `built` has the roots of stages that are built already."""
    roots, image = dict(built or {}), None
    for name, source, instructions in stages(parse(text)):
        if name in roots:
            continue
        image = Image(base(source))
        roots[name] = image.root
        for instruction in instructions:
            step(image, instruction, context, ignore, roots)
    return image


def step(image, instruction, context, ignore, roots):
    match instruction.name:
        case "WORKDIR":
            image.directory = instruction.text
            (image.root.path / instruction.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "COPY":
            copy(image, instruction, context, ignore, roots)
        case "RUN":
            image.root.run(
                "/bin/sh", "-c", instruction.text, user=image.user, cwd=image.directory,
                check=True, timeout=3_600)
        case "USER":
            image.user = instruction.text
        case "ENTRYPOINT":
            image.entrypoint, image.command = instruction.words, []
        case "CMD":
            image.command = instruction.words
        case "STOPSIGNAL":
            pass


def copy(image, instruction, context, ignore, roots):
    *sources, target = instruction.words
    target = image.root.path / image.directory.lstrip("/") / target.removeprefix("/") \
        if not target.startswith("/") else image.root.path / target.lstrip("/")
    for source in sources:
        if "from" in instruction.flags:
            path = roots[instruction.flags["from"]].path / source.lstrip("/")
        else:
            path = context / source
        if path.is_dir():
            leave = shutil.ignore_patterns(*ignore)
            shutil.copytree(
                path, target, symlinks=True, dirs_exist_ok=True,
                ignore=lambda directory, names, top=path: leave(directory, names)
                if str(directory) == str(top) else set())
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def shell_problems(text):
    """What `sh -n` says about each RUN."""
    return [
        result.stderr for result in (
            subprocess.run(["sh", "-n", "-c", instruction.text], capture_output=True, text=True)
            for instruction in parse(text) if instruction.name == "RUN")
        if result.returncode != 0]
