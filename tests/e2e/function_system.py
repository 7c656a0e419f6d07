"""The functions of one registry, over real servers, and what a test asks of them."""

import contextlib
import hashlib
import http.client
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from core.bootstrap import prepare
from core.settings import Settings
from local import programs
from local.issuer.issuer import AUDIENCE, Issuer
from local.issuer.keys import SigningKeys
from local.ports import free_port
from local.processes import Processes
from tests import parts
from tests.e2e.function_events import Gateway, http_api
from tests.e2e.function_process import Function

MODELS = "/api/v1/namespaces/default/models"


@dataclass(frozen=True, slots=True)
class System:
    """What the functions stand on, and a function of each kind."""

    environment: Mapping[str, str]
    bucket: str
    token: str
    api: Function
    uploads: Function
    sweep: Function

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        gateway: Gateway = http_api,
        api: Function | None = None,
        query: str = "",
        **headers: str,
    ) -> Any:
        """One request through a gateway; headers are named with underscores."""
        sent = {
            "host": "registry.example.org",
            "content-type": "application/json",
            "authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        text = None if body is None else json.dumps(body)
        return (api or self.api)(gateway(method, path, sent, query, text))

    def declare(self, files: Mapping[str, bytes], **options: Any) -> tuple[str, list[Any]]:
        """Register a version of a fresh model: its path, and how to send each file."""
        model = f"model-{secrets.token_hex(6)}"
        said(self.ask("POST", MODELS, {"name": model}), 201)
        declared = [
            {"path": path, "size_bytes": len(content), "sha256": sha256(content)}
            for path, content in files.items()
        ]
        versions = f"{MODELS}/{model}/versions"
        said(self.ask("POST", versions, {"files": declared}, **options), 201)
        items = said(self.ask("POST", f"{versions}/1/upload"), 200)["items"]
        return f"{versions}/1", items

    def send(self, items: list[Any], files: Mapping[str, bytes]) -> list[str]:
        """Put the files into the store; their keys."""
        keys = []
        for item in items:
            address = urlsplit(item["url"])
            connection = http.client.HTTPConnection(address.netloc, timeout=30)
            path = f"{address.path}?{address.query}"
            connection.request("PUT", path, files[item["path"]], item["headers"])
            assert connection.getresponse().status == 200
            connection.close()
            keys.append(self.key(item))
        return keys

    def key(self, item: Any) -> str:
        """Where a file lies in the bucket."""
        return unquote(urlsplit(item["url"]).path).removeprefix(f"/{self.bucket}/")

    def state(self, version: str) -> str:
        """Of a version, by its path."""
        return str(said(self.ask("GET", version), 200)["state"])


def said(answer: Any, status: int) -> Any:
    """The JSON of an answer with this status, which must have come as plain text."""
    assert answer["statusCode"] == status, answer
    assert answer["isBase64Encoded"] is False
    return json.loads(answer["body"]) if answer["body"] else None


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def running_issuer(folder: Path) -> Iterator[Issuer]:
    """A running issuer, and the means to mint its tokens."""
    port = free_port()
    keys = SigningKeys.kept_in(folder / "keys.json")
    processes = Processes(folder)
    try:
        processes.wait_until_ready(processes.start([programs.issuer(port, folder)]))
        yield Issuer(f"http://127.0.0.1:{port}", keys=keys)
    finally:
        processes.stop()


@contextlib.contextmanager
def running_system(
    mongodb_uri: str, database: str, s3: parts.S3Server, bucket: str, issuer: Issuer
) -> Iterator[System]:
    """The three functions, with a namespace `default` and an administrator's token."""
    trusted = {"name": "dev", "url": issuer.url, "audience": AUDIENCE}
    environment = {
        "PATH": os.environ["PATH"],
        "MODELRY_MONGODB_URI": mongodb_uri,
        "MODELRY_MONGODB_DATABASE": database,
        "MODELRY_S3_ENDPOINT": s3.endpoint,
        "MODELRY_S3_ACCESS_KEY": s3.access_key,
        "MODELRY_S3_SECRET_KEY": s3.secret_key,
        "MODELRY_S3_BUCKET": bucket,
        "MODELRY_ISSUERS": json.dumps([trusted]),
        "MODELRY_ADMINS": "group:dev:admins",
    }
    prepare(Settings.from_environment(environment))
    with (
        Function("api", environment) as api,
        Function("uploads", environment) as uploads,
        Function("sweep", environment) as sweep,
    ):
        token = issuer.token_for("alice", "admins")
        system = System(environment, bucket, token, api, uploads, sweep)
        said(system.ask("POST", "/api/v1/namespaces", {"name": "default"}), 201)
        yield system
