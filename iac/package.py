"""`python -m iac.package`: the deployable of every function, one zip for each architecture.

The same sources and lock give the same bytes, so that nothing is deployed again without a change.
A function's files cannot be written, so byte code that is not in the zip would be compiled at each
cold start, which makes one last two to three times as long.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "server.txt"
ARCHITECTURES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""How the platform calls each, and how wheels do."""
OURS = ("core", "handlers")
OURS_SUFFIXES = frozenset({".py", ".json", ".lark"})
GOAL_BYTES = 60 << 20
LIMIT_BYTES = 250 << 20
MOMENT = (1980, 1, 1, 0, 0, 0)
"""When every file of the zip was made: the earliest that the format knows."""
UNUSED = (
    "bin",
    "cffi",
    "gridfs",
    "pycparser",
    "pydantic/v1",
    "Crypto/PublicKey",
    "Crypto/SelfTest",
)
"""What only a compiler or a test would load of the dependencies, or nobody: the zip's own test
imports every module of ours, and so what those import."""
KEPT_METADATA = frozenset({"METADATA", "entry_points.txt"})


class BuildFailed(Exception):
    """The zip cannot be made, or must not be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """A zip that was made, and its size when unpacked."""

    path: Path
    sha256: str
    unpacked_bytes: int

    def __str__(self) -> str:
        packed = self.path.stat().st_size / (1 << 20)
        unpacked = self.unpacked_bytes / (1 << 20)
        return f"{self.path}  {packed:.1f} MiB, unpacked {unpacked:.1f} MiB  sha256:{self.sha256}"


def build(architecture: str, python: str, folder: Path) -> Package:
    """Make `modelry-pythonX.Y-ARCHITECTURE.zip` in `folder` for the version of the interpreter
    `python`. Raises `BuildFailed`."""
    version = minor_version(python)
    with tempfile.TemporaryDirectory(prefix="modelry-package-") as scratch:
        tree = Path(scratch) / "tree"
        install(architecture, version, tree)
        slim(tree)
        copy_sources(tree)
        compile_tree(python, tree)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"modelry-python{version}-{architecture}.zip"
        unpacked = write_zip(tree, path)
    if unpacked > LIMIT_BYTES:
        raise BuildFailed(f"{path} is {unpacked:,} bytes unpacked; a function has {LIMIT_BYTES:,}.")
    return Package(path, hashlib.sha256(path.read_bytes()).hexdigest(), unpacked)


def minor_version(python: str) -> str:
    """The `3.13` of an interpreter. Raises `BuildFailed` if it does not run."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        asked = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BuildFailed(f"{python} does not run: {error}") from error
    return asked.stdout.strip()


def platforms(architecture: str, version: str) -> Iterator[str]:
    """The wheels that run there, by the C library that the platform of that Python has."""
    machine = ARCHITECTURES[architecture]
    newest = 26 if version == "3.11" else 34
    for minor in range(newest, 16, -1):
        yield f"manylinux_2_{minor}_{machine}"
    yield f"manylinux2014_{machine}"


def install(architecture: str, version: str, tree: Path, lock: Path = LOCK) -> None:
    """Put exactly what the lock names into `tree`: wheels, by their hashes. Raises
    `BuildFailed`."""
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-compile"),
        *("--python-version", version, "--implementation", "cp", "--target", str(tree)),
        *(option for name in platforms(architecture, version) for option in ("--platform", name)),
        *("--requirement", str(lock)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"The dependencies cannot be had for {architecture}:\n{done.stderr}")


def slim(tree: Path) -> None:
    """Take away what no function loads: tests, stubs, and who installed what."""
    for name in UNUSED:
        shutil.rmtree(tree / name, ignore_errors=True)
    for folder in sorted(tree.rglob("*"), reverse=True):
        if folder.is_dir() and folder.name in {"tests", "test", "__pycache__"}:
            shutil.rmtree(folder)
    for file in sorted(tree.rglob("*")):
        if not file.is_file():
            continue
        in_metadata = file.parent.name.endswith(".dist-info")
        if file.suffix in {".pyi", ".c", ".h"} or (
            in_metadata and file.name not in KEPT_METADATA and "LICEN" not in file.name.upper()
        ):
            file.unlink()


def copy_sources(tree: Path) -> None:
    """Our own code, and what it reads beside it (the API's document, grammars)."""
    for room in OURS:
        for file in sorted((ROOT / room).rglob("*")):
            if file.suffix in OURS_SUFFIXES and file.is_file():
                target = tree / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)


def compile_tree(python: str, tree: Path) -> None:
    """Byte code beside every source, which is not looked at again. Raises `BuildFailed`."""
    command = [
        *(python, "-s", "-m", "compileall", "-q", "-j", "1"),
        *("--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", "/var/task", str(tree)),
    ]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"Something does not compile:\n{done.stdout}{done.stderr}")


def write_zip(tree: Path, path: Path) -> int:
    """Pack the tree by name, with the same time and rights for all; its size when unpacked."""
    unpacked = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(tree.rglob("*"), key=lambda file: file.relative_to(tree).as_posix()):
            if not file.is_file():
                continue
            entry = zipfile.ZipInfo(file.relative_to(tree).as_posix(), MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            content = file.read_bytes()
            unpacked += len(content)
            archive.writestr(entry, content, compresslevel=9)
    return unpacked


def main(options: Sequence[str]) -> int:
    """Build and say what came out; 1 if that is larger than it should be."""
    parser = argparse.ArgumentParser("python -m iac.package", description=__doc__)
    parser.add_argument("--architecture", action="append", choices=ARCHITECTURES)
    parser.add_argument("--python", default=sys.executable, help="an interpreter of the version")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    chosen = parser.parse_args(options)
    too_large = False
    for architecture in chosen.architecture or ARCHITECTURES:
        try:
            package = build(architecture, chosen.python, chosen.output)
        except BuildFailed as failure:
            print(failure, file=sys.stderr)
            return 1
        print(package, flush=True)
        too_large |= package.unpacked_bytes > GOAL_BYTES
    if too_large:
        print(f"That is more than {GOAL_BYTES >> 20} MiB unpacked.", file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
