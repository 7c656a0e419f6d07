"""Transfers: pushing and pulling one large file, beside the minio SDK on the same store.

Each transfer is a process of its own. A round does all of them, and rounds take turns in which
client goes first. Every push has other bytes, so that nothing is spared by deduplication. Ours
hashes what it sends and checks what it pulls in the time that is shown; the SDK checks no pull,
so there is a third one for which the file is hashed once the SDK has it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from minio import Minio

from bench.running import ROOT, Registry, memory_mib, registry
from bench.stores import Store, minio
from bench.tables import table
from local.programs import STORE_ACCESS_KEY

UNITS = {"MiB": 1 << 20, "GiB": 1 << 30}
BLOCK_BYTES = 64 << 20
CHECKED = "minio and SHA-256"
CLIENTS = {"push": ("modelry", "minio"), "pull": ("modelry", "minio", CHECKED)}
OTHERS_BUCKET = "bench-minio"


@dataclass(slots=True)
class Transfers:
    """A registry with its store, a file, and what the transfers took so far."""

    running: Registry
    store: Store
    folder: Path
    size_bytes: int
    taken: dict[tuple[str, str], list[dict[str, float]]] = field(default_factory=dict)

    def round(self, number: int) -> None:
        """Every transfer of one file."""
        source = self.folder / "weights.bin"
        with source.open("r+b") as file:
            file.write(f"round {number}".encode())
        for direction, clients in CLIENTS.items():
            for client in clients if number % 2 else clients[::-1]:
                pulled = self.folder / "pulled"
                path = source if direction == "push" else pulled
                self._transfer(client, direction, path, f"big-{number}")
                if direction == "pull":
                    _remove(pulled)
        self._clear()

    def _transfer(self, client: str, direction: str, path: Path, model: str) -> None:
        task = {
            "client": client,
            "checks": client == CHECKED,
            "direction": direction,
            "path": str(path),
            "model": model,
            "url": self.running.url,
            "token": self.running.token(),
            "store": self.store.netloc,
            "access_key": self.store.access_key,
            "secret_key": self.store.secret_key,
            "bucket": OTHERS_BUCKET,
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.transfer_once"],
            input=json.dumps(task),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{client} could not {direction}:\n{done.stderr}")
        self.taken.setdefault((direction, client), []).append(json.loads(done.stdout))

    def _clear(self) -> None:
        """Remove what the round stored: the embedded store keeps objects in memory."""
        client = _client(self.store)
        for bucket in client.list_buckets():
            for found in client.list_objects(bucket.name, recursive=True):
                client.remove_object(bucket.name, str(found.object_name))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Each kind of transfer: seconds, rate, rate compared with the SDK's, client memory."""
        for direction, clients in CLIENTS.items():
            others = self._seconds(direction, "minio")
            for client in clients:
                seconds = self._seconds(direction, client)
                rate = self.size_bytes / (1 << 20) / seconds
                peak = max(one["peak_mib"] for one in self.taken[direction, client])
                name = f"{direction}, {client}"
                yield (
                    *(name, f"{seconds:.2f}", f"{rate:.0f}", f"{others / seconds:.2f}"),
                    f"{peak:.0f}",
                )

    def _seconds(self, direction: str, client: str) -> float:
        return median(one["seconds"] for one in self.taken[direction, client])


def main(options: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench transfers", description=__doc__)
    parser.add_argument("--size", type=_size, default="1GiB", help="of the file (1GiB)")
    parser.add_argument("--rounds", type=int, default=3, help="transfers of each kind (3)")
    parser.add_argument(
        "--store", choices=("embedded", "minio"), default="embedded", help="which object store"
    )
    given = parser.parse_args(options)
    with _surroundings(given.store) as (running, store), _file(given.size) as folder:
        _client(store).make_bucket(OTHERS_BUCKET)
        transfers = Transfers(running, store, folder, given.size)
        server = running.pid("api")
        before = memory_mib(server)
        for number in range(given.rounds):
            transfers.round(number)
        after = memory_mib(server)
        _client(store).remove_bucket(OTHERS_BUCKET)
    print(f"\n{given.size >> 20} MiB in parts of 64 MiB, {given.store} store, medians of")
    print(f"{given.rounds} rounds, Python {sys.version.split()[0]}\n")
    print(table(("transfer", "s", "MiB/s", "of the SDK's rate", "peak MiB"), transfers.rows()))
    print(f"\nThe API process held {before:.0f} MiB before and {after:.0f} MiB after.")


@contextmanager
def _surroundings(kind: str) -> Iterator[tuple[Registry, Store]]:
    with (
        minio() if kind == "minio" else nullcontext() as own,
        registry(**(own.settings() if own else {})) as running,
    ):
        address = running.address("store").removeprefix("http://")
        yield running, own or Store(address, STORE_ACCESS_KEY, running.home.store_secret())


@contextmanager
def _file(size_bytes: int) -> Iterator[Path]:
    """A folder with `weights.bin`, which cannot be compressed."""
    with tempfile.TemporaryDirectory(prefix="modelry-bench-files-") as name:
        folder = Path(name)
        with (folder / "weights.bin").open("wb") as file:
            for start in range(0, size_bytes, BLOCK_BYTES):
                file.write(os.urandom(min(BLOCK_BYTES, size_bytes - start)))
        yield folder


def _client(store: Store) -> Minio:
    return Minio(
        store.netloc,
        access_key=store.access_key,
        secret_key=store.secret_key,
        region="us-east-1",
        secure=False,
    )


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _size(text: str) -> int:
    """`1GiB`, `512MiB`."""
    for unit, factor in UNITS.items():
        if text.endswith(unit) and text.removesuffix(unit).isdigit():
            return int(text.removesuffix(unit)) * factor
    raise argparse.ArgumentTypeError("write a size such as 512MiB or 5GiB")
