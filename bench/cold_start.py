"""Cold starts: a fresh process imports a function and answers its first event.

Each round runs every function and the usual way (`bench/usual_way.py`) one after another, so that
their ratio holds whatever else the machine does. Database, issuer and store are stand-ins.
"""

import argparse
import compileall
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from bench import stand_ins
from bench.tables import table
from core.adapters.mongo.escaping import escaped
from core.domain.files import File
from core.domain.models import RegisteredModel
from core.domain.records import record
from core.domain.versions import ModelVersion
from local.issuer.issuer import AUDIENCE

ROOT = Path(__file__).resolve().parents[1]
CONTENT = b"weights"
NOW = datetime.now(UTC).replace(microsecond=0)
AUTHORED: dict[str, Any] = {
    "created_at": NOW,
    "created_by": "subject:dev:alice",
    "updated_at": NOW,
    "updated_by": "subject:dev:alice",
}


@dataclass(slots=True)
class Subject:
    """One function, the event it is given, what it must answer, and what it took so far."""

    name: str
    module: str
    event: Mapping[str, Any]
    proof: tuple[str, Any]
    goal_ratio: float | None = None
    goal_ms: int | None = None
    runs: list[Mapping[str, Any]] = field(default_factory=list)

    def run(self, environment: Mapping[str, str]) -> None:
        """Start it once more. Raises `RuntimeError` if it does not answer as it must."""
        command = [sys.executable, "-I", str(ROOT / "bench/first_event.py"), self.module]
        done = subprocess.run(
            command,
            input=json.dumps(self.event),
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{self.name} failed:\n{done.stderr}")
        run = json.loads(done.stdout)
        key, wanted = self.proof
        if run["answer"].get(key) != wanted:
            raise RuntimeError(f"{self.name} answered {run['answer']}")
        self.runs.append(run)

    def totals(self) -> list[float]:
        """Milliseconds from the first import to the answer, of each run."""
        return [run["import_ms"] + run["first_ms"] for run in self.runs]


def subjects(token: str) -> list[Subject]:
    """The usual way first: the others are compared with it."""
    record = {
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "modelry"}, "object": {"key": "default/iris/1/model.bin"}},
    }
    api = _gateway_event("/api/v1/namespaces/default/models/iris", token)
    functions = "handlers.functions"
    return [
        Subject(
            "the usual way",
            "bench.usual_way",
            _gateway_event("/api/v1/namespaces/default/models/iris", token),
            ("statusCode", 200),
        ),
        Subject("api", f"{functions}.api", api, ("statusCode", 200), 0.43, 400),
        Subject(
            "uploads",
            f"{functions}.uploads",
            {"Records": [record]},
            ("outcomes", {"ready": 1}),
            0.24,
            220,
        ),
        Subject("sweep", f"{functions}.sweep", {}, ("expired", 0), 0.24, 220),
    ]


@contextmanager
def surroundings() -> Iterator[tuple[dict[str, str], str]]:
    """The environment of a function with everything it talks to, and a good token."""
    headers = {
        "Content-Length": str(len(CONTENT)),
        "x-amz-checksum-sha256": b64encode(sha256(CONTENT).digest()).decode(),
    }
    with (
        stand_ins.database(_find) as uri,
        stand_ins.issuer() as issuer,
        stand_ins.object_store(headers) as endpoint,
    ):
        trusted = {"name": "dev", "url": issuer.url, "audience": AUDIENCE}
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "MODELRY_MONGODB_URI": uri,
            "MODELRY_S3_ENDPOINT": endpoint,
            "MODELRY_S3_ACCESS_KEY": "bench",
            "MODELRY_S3_SECRET_KEY": "bench",
            "MODELRY_ISSUERS": json.dumps([trusted]),
            "MODELRY_ADMINS": "group:dev:admins",
            # What makes a function run endpoints in place, as its platform would.
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1",
        }
        yield environment, issuer.token_for("alice", "admins")


def main(options: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench cold_start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="fresh processes of each (11)")
    rounds = parser.parse_args(options).rounds
    for folder in ("bench", "core", "handlers"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    with surroundings() as (environment, token):
        measured = subjects(token)
        for subject in measured:
            replace(subject, runs=[]).run(environment)  # whatever must be read from disk, is
        for _ in range(rounds):
            for subject in measured:
                subject.run(environment)
    print(f"\nCold start, {rounds} fresh processes of each, Python {sys.version.split()[0]}\n")
    print(_results(measured))


def _results(measured: list[Subject]) -> str:
    usual = measured[0]
    rows = []
    for subject in measured:
        totals = subject.totals()
        rows.append(
            (
                subject.name,
                f"{median(run['import_ms'] for run in subject.runs):.0f}",
                f"{median(run['first_ms'] for run in subject.runs):.0f}",
                f"{median(totals):.0f}",
                f"{min(totals):.0f}",
                f"{median(totals) / median(usual.totals()):.2f}",
                f"{min(totals) / min(usual.totals()):.2f}",
                subject.goal_ratio or "",
                subject.goal_ms or "",
                subject.runs[0]["modules"],
                f"{median(run['peak_mib'] for run in subject.runs):.0f}",
            )
        )
    columns = (
        *("function", "import ms", "first ms", "median ms", "min ms", "ratio", "ratio of min"),
        *("goal ratio", "goal ms", "modules", "peak MiB"),
    )
    return table(columns, rows)


def _gateway_event(path: str, token: str) -> dict[str, Any]:
    """A GET as API Gateway passes it on, payload version 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": f"Bearer {token}", "host": "registry.example.org"},
        "requestContext": {
            "http": {"method": "GET", "path": path, "sourceIp": "192.0.2.1"},
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }


def _find(collection: str, filter: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the database has: a model, and a version of it that waits for its one file."""
    match collection:
        case "models" if "purges" not in filter:
            model = RegisteredModel(id=1, namespace="default", name="iris", **AUTHORED)
            return [{"_id": 1, **escaped(record(model)), "name_key": "iris"}]
        case "versions" if not {"upload_expires_at", "purges"} & filter.keys():
            version = ModelVersion(
                id=1,
                model_id=1,
                namespace="default",
                model="iris",
                number=1,
                key_prefix="default/iris/1/",
                file_count=1,
                upload_expires_at=NOW + timedelta(days=1),
                **AUTHORED,
            )
            return [{"_id": 1, **escaped(record(version))}]
        case "files" if "_id" in filter:
            file = File(
                version_id=1,
                namespace="default",
                path="model.bin",
                size_bytes=len(CONTENT),
                sha256=sha256(CONTENT).hexdigest(),
                key="default/iris/1/model.bin",
            )
            return [{"_id": "1/model.bin", **escaped(record(file))}]
    return []
