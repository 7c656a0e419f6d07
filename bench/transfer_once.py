"""`python -m bench.transfer_once < task.json`: one transfer in a process of its own.

Prints the seconds it took and the peak memory, so that both clients are measured alike.
"""

import hashlib
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.memory import peak_mib


def main() -> None:
    """Do what the task says and print what it took."""
    task = json.load(sys.stdin)
    start = (_modelry if task["client"] == "modelry" else _minio)(task)
    print(json.dumps({"seconds": time.perf_counter() - start, "peak_mib": peak_mib()}))


def _modelry(task: Mapping[str, Any]) -> float:
    from modelry import Modelry

    client = Modelry(task["url"], task["token"])
    start = time.perf_counter()
    if task["direction"] == "push":
        client.push(task["path"], task["model"], code={}, environment={})
    else:
        client.pull(f"{task['model']}:latest", task["path"])
    return start


def _minio(task: Mapping[str, Any]) -> float:
    from minio import Minio

    client = Minio(
        task["store"],
        access_key=task["access_key"],
        secret_key=task["secret_key"],
        region="us-east-1",
        secure=False,
    )
    place = (task["bucket"], task["model"], task["path"])
    start = time.perf_counter()
    if task["direction"] == "push":
        client.fput_object(*place, part_size=64 << 20)
    else:
        client.fget_object(*place)
    if task["checks"]:
        with Path(task["path"]).open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()
    return start


if __name__ == "__main__":
    main()
