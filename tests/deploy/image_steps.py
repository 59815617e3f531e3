"""The very steps of the Dockerfile, walked without Docker: `make image-steps` (root, debootstrap).

Each stage is a folder made from a minimal Debian; what comes out is started as a container would
be: nobody's user without any right, a file system that cannot be written, and its health asked.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.clock import pause
from gateway.store.embedded import throwaway
from tests.deploy.dockerfile import Stage, Step, expanded, stages

TOP: Final = Path(__file__).parents[2]
_MIRROR: Final = "http://deb.debian.org/debian"
_CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
_PLAIN: Final = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
# What may build something, or fetch it, has no place in what is run.
BANNED: Final = (
    "gcc",
    "cc",
    "g++",
    "make",
    "pip",
    "pip3",
    "uv",
    "git",
    "curl",
    "wget",
    "hatchling",
)
_INSIDE: Final = """
set -e
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
exec chroot "$0" "$@"
"""
# As `docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges`.
_CONFINED: Final = """
set -e
mount --bind "$0" "$0"
mount --bind "$SOCKETS" "$0/mnt"
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
mount -t tmpfs tmpfs "$0/tmp" -o mode=1777
mount -t tmpfs tmpfs "$0/var/lib/dispatchd" -o mode=0700,uid=65532,gid=65532
mount -o remount,ro,bind "$0"
exec chroot "$0" setpriv --reuid 65532 --regid 65532 --clear-groups --no-new-privs \
    --bounding-set -all --inh-caps -all "$@"
"""
_LOOKS, _BETWEEN = 300, 0.2


@dataclass(slots=True)
class Walk:
    """One walk through the Dockerfile, every folder below `folder`."""

    base: Path
    folder: Path
    values: dict[str, str] = field(default_factory=dict)

    def make(self, stage: Stage, number: int) -> Path:
        """Make a stage's folder and walk its steps; return it."""
        root = self.folder / (stage.name or str(number))
        _run(["cp", "-a", str(self.base), str(root)])
        _lend(root)
        env = dict(_PLAIN)
        place = "/"
        for step in stage.steps:
            sys.stdout.write(f"{step.name} {step.words[:100]}\n")
            sys.stdout.flush()
            if step.name == "ARG":
                self.values = {**step.pairs, **self.values}
            elif step.name == "ENV":
                env |= {key: expanded(value, env) for key, value in step.pairs.items()}
            elif step.name == "WORKDIR":
                place = step.words
                (root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif step.name == "COPY":
                self._copy(step, root, place)
            elif step.name == "RUN":
                line = ["/bin/sh", "-c", f"cd {place} && {step.words}"]
                _inside(root, line, {**_passed(), **self.values, **env})
        return root

    def _copy(self, step: Step, root: Path, place: str) -> None:
        words = step.words.split()
        source = TOP
        if words[0].startswith("--from="):
            source = self.folder / words.pop(0).removeprefix("--from=")
        *froms, to = words
        target = root / to.lstrip("/") if to.startswith("/") else root / place.lstrip("/") / to
        for one in froms:
            found = source / one.lstrip("/")
            if found.is_dir():
                shutil.copytree(found, target, symlinks=True, dirs_exist_ok=True)
            else:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, target)


def _passed() -> dict[str, str]:
    """Return what the package index of this place needs; it is no part of the image."""
    here = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    return {**here, "PIP_CERT": "/tmp/lent.crt", "SSL_CERT_FILE": "/tmp/lent.crt"}  # noqa: S108 - a folder of its own


def _lend(root: Path) -> None:
    """Lend names and certificates of this place, as Docker lends its own."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy(_CERTIFICATES, root / "tmp/lent.crt")


def _run(words: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    subprocess.run(words, env=env, check=True)  # noqa: S603 - our own words


def _inside(root: Path, words: Sequence[str], env: Mapping[str, str]) -> None:
    _run(["unshare", "--mount", "/bin/sh", "-c", _INSIDE, str(root), *words], env)


def confined(root: Path, sockets: str, words: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """Return the command that runs words in the image as a container would."""
    shell = ["unshare", "--mount", "env", f"SOCKETS={sockets}", "/bin/sh", "-c", _CONFINED]
    given = [f"{name}={value}" for name, value in env.items()]
    return [*shell, str(root), "env", "-i", *given, *words]


def leftovers(root: Path) -> list[str]:
    """Return what stands in the image and builds or fetches something."""
    folders = [root / one for one in ("opt/dispatchd/bin", "usr/local/bin", "usr/bin", "bin")]
    return [str(one / name) for one in folders for name in BANNED if (one / name).exists()]


def try_out(root: Path, last: Stage) -> None:
    """Migrate a database from within the image, run the daemon, ask its health, and end it."""
    env = dict(_PLAIN)
    for step in (one for one in last.steps if one.name == "ENV"):
        env |= {key: expanded(value, env) for key, value in step.pairs.items()}
    entry = last.last("ENTRYPOINT").listed
    health = Step("CMD", last.last("HEALTHCHECK").words.partition("CMD ")[2]).listed
    with throwaway() as url:
        sockets = url.partition("host=")[2].partition("&")[0].replace("%2F", "/")
        Path(sockets).chmod(0o755)
        for one in Path(sockets).glob(".s.*"):
            one.chmod(0o777)
        env["DISPATCHD_DATABASE_URL"] = "postgresql://postgres@/postgres?host=/mnt&port=5432"
        env["DISPATCHD_HTTP_PORT"] = "18080"
        _run(confined(root, sockets, [*entry, "migrate"], env))
        words = [*entry, *last.last("CMD").listed]
        with subprocess.Popen(confined(root, sockets, words, env)) as daemon:  # noqa: S603 - our own
            try:
                asked = confined(root, sockets, health, env)
                _wait_until_well(asked, daemon)
            finally:
                daemon.send_signal(signal.SIGTERM)
                code = daemon.wait(100)
        if code:
            raise SystemExit(f"the daemon ended with {code}")


def _wait_until_well(asked: Sequence[str], daemon: "subprocess.Popen[bytes]") -> None:
    for _ in range(_LOOKS):
        ran = subprocess.run(asked, capture_output=True, check=False)  # noqa: S603 - our own words
        if ran.returncode == 0:
            return
        if daemon.poll() is not None:
            raise SystemExit(f"the daemon ended at once with {daemon.returncode}")
        pause(_BETWEEN)
    raise SystemExit(f"it does not become healthy: {ran.stderr.decode()[-300:]}")


def bootstrapped(folder: Path, suite: str) -> Path:
    """Return a minimal Debian of that suite, made once."""
    base = folder / suite
    if not (base / "usr/bin/apt-get").exists():
        shutil.rmtree(base, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        _run(["debootstrap", "--variant=minbase", suite, str(base), _MIRROR])
    return base


def main() -> int:
    """Walk all stages, look at what came out, and try it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, help="a minimal Debian; None: debootstrap makes one")
    asked = parser.parse_args()
    if os.geteuid() or not (asked.base or shutil.which("debootstrap")):
        sys.stderr.write("needed: root, and debootstrap (Debian: apt-get install debootstrap)\n")
        return 1
    found = stages(TOP / "Dockerfile")
    suite = found[0].base.removeprefix("debian:").removesuffix("-slim")
    base = asked.base or bootstrapped(TOP / ".cache/image", suite)
    with tempfile.TemporaryDirectory(prefix="image-steps-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        walk = Walk(base, folder)
        made = [walk.make(stage, number) for number, stage in enumerate(found)]
        if left := leftovers(made[-1]):
            raise SystemExit(f"the image holds what builds: {', '.join(left)}")
        try_out(made[-1], found[-1])
        size = sum(one.lstat().st_size for one in made[-1].rglob("*") if one.is_file())
        bare = sum(one.lstat().st_size for one in base.rglob("*") if one.is_file())
    sys.stdout.write(f"image: {size >> 20} MiB, of which {bare >> 20} are Debian's own\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
