"""A system in a directory: commands run in it with chroot and mounts of their own."""
import pathlib
import shutil
import subprocess

# Mounts are private and end with the command. $ORIGIN of a run path needs /proc.
ENTER = """
set -e
root=$1; user=$2; directory=$3; shift 3
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
while [ "$1" != -- ]; do mkdir -p "$root$2"; mount --bind "$1" "$root$2"; shift 2; done
shift
exec /usr/sbin/chroot --userspec="$user" "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$directory" "$@"
"""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Root:
    def __init__(self, path, mounts=(), environment=None):
        self.path = pathlib.Path(path)
        self.mounts = dict(mounts)
        self.environment = {"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": "/root", **(environment or {})}

    def copy(self, path):
        """One to be changed: what debootstrap made stays bare."""
        subprocess.run(["cp", "-a", self.path, path], check=True)
        return Root(path, self.mounts, self.environment)

    def command(self, *arguments, user="0:0", cwd="/"):
        mounts = [str(side) for pair in self.mounts.items() for side in pair]
        return ["unshare", "-m", "--propagation", "private", "bash", "-c", ENTER, "enter",
                str(self.path), user, cwd, *mounts, "--", *map(str, arguments)]

    def run(self, *arguments, user="0:0", cwd="/", env=None, check=False, timeout=600):
        result = subprocess.run(
            self.command(*arguments, user=user, cwd=cwd), env={**self.environment, **(env or {})},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        assert not check or result.returncode == 0, (arguments, result.stdout[-3000:], result.stderr[-3000:])
        return result

    def start(self, *arguments, env=None):
        return subprocess.Popen(
            self.command(*arguments), env={**self.environment, **(env or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def install(self, *packages):
        """By apt-get, from Debian's mirror; a path is a package file in the root."""
        self.run("apt-get", "update", "-qq", check=True)
        self.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, check=True,
                 env={"DEBIAN_FRONTEND": "noninteractive"})

    def place(self, source, target):
        """Copies a file or directory from here into it."""
        target = self.path / target.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if pathlib.Path(source).is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy(source, target)
