"""Valid things with defaults, and a registry on memory adapters to try them on."""

import base64
import hashlib
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.channels import MemoryChannel
from core.adapters.memory.clock import MemoryClock
from core.adapters.memory.database import MemoryDatabase
from core.adapters.memory.tokens import MemoryTokenVerifier
from core.bootstrap import bundle
from core.domain.access import Caller, Principal, Role
from core.domain.access_tokens import Pepper
from core.domain.files import FileDeclaration, part_size_bytes
from core.domain.grants import Grant
from core.domain.lifecycles import Stage, Transition
from core.domain.versions import OnRepeat
from core.ports import Hook
from core.settings import Issuer, Settings

ROLES = tuple(Role)
START = datetime(2026, 1, 1, tzinfo=UTC)


def settings(**changes: Any) -> Settings:
    """Settings that name no real server."""
    values: dict[str, Any] = {
        "mongodb_uri": "mongodb://127.0.0.1:1/",
        "s3_endpoint": "http://127.0.0.1:1",
        "s3_access_key": "test",
        "s3_secret_key": "test",
        "admins": ("group:dev:admins",),
        "issuers": (
            Issuer(name="dev", url="http://127.0.0.1:2", audience="modelry"),
            *(
                Issuer(
                    name=platform,
                    url=f"http://127.0.0.1:2/{platform}",
                    audience="modelry",
                    platform=platform,
                )
                for platform in ("github", "gitlab", "kubernetes", "custom")
            ),
        ),
        "token_peppers": (Pepper("test", "pepper" * 6),),
        "audit_key": "11" * 32,
        "relay_keys": (Pepper("test", "sealed" * 6),),
    }
    return Settings(**{**values, **changes})


def principal(subject: str = "alice", *groups: str) -> Principal:
    """Somebody the issuer `dev` vouches for."""
    return Principal("dev", subject, groups)


def caller(*roles: tuple[str, Role], subject: str = "alice") -> Caller:
    """A caller with these roles and no others."""
    who = principal(subject)
    rules = tuple(Grant(scope, who.name, role, START, "test").rule for scope, role in roles)
    return Caller(who, rules, "request", "test", "127.0.0.1")


ADMIN = caller(("*", Role.ADMIN))


def declare(path: str, content: bytes) -> FileDeclaration:
    """The declaration a client would make of this file."""
    size = part_size_bytes(len(content))
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    digests = b"".join(hashlib.sha256(part).digest() for part in parts)
    return FileDeclaration(
        path=path,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        parts_sha256=hashlib.sha256(digests).hexdigest() if len(parts) > 1 else None,
    )


def checksum(content: bytes) -> str:
    """SHA-256 as S3's headers carry it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def evaluation_report(**changes: Any) -> dict[str, Any]:
    """A report that fits, of whatever files."""
    return {
        "schema_version": 1,
        "task": "classification",
        "evaluator": {"name": "mine", "version": "1"},
        "dataset": {"name": "holdout", "rows": 10},
        "metrics": {"accuracy": 0.9},
        "evaluated_at": "2026-01-01T00:00:00Z",
        "duration_seconds": 0.5,
        **changes,
    }


class World:
    """A registry whose every part is in memory, with a namespace `default`."""

    def __init__(self, hooks: Mapping[str, Hook] | None = None, **changes: Any) -> None:
        self.clock = MemoryClock()
        self.database = MemoryDatabase()
        self.blobs = MemoryBlobStore(clock=self.clock)
        self.tokens = MemoryTokenVerifier(self.clock)
        self.channel = MemoryChannel()
        self.settings = settings(grants_ttl_seconds=0, **changes)
        self.registry = bundle(
            self.settings,
            self.database,
            self.blobs,
            self.tokens,
            self.clock,
            hooks,
            self.channel,
        )
        self.registry.namespaces.create(ADMIN, "default", {})

    def become(self, other: "World") -> None:
        """Hold what another world holds; whatever happens to either is its own."""
        self.clock._at = other.clock._at
        self.database._tables = other.database._tables.copy()
        self.database._last_ids = other.database._last_ids.copy()
        self.blobs._objects = dict(other.blobs._objects)
        self.blobs._uploads = deepcopy(other.blobs._uploads)

    def token(self, *roles: tuple[str, Role], subject: str = "") -> str:
        """A token of somebody who has just these roles."""
        subject = subject or "-".join(f"{scope}-{role}" for scope, role in roles) or "nobody"
        who = principal(subject.replace("*", "all"))
        for scope, role in roles:
            self.registry.grants.put(ADMIN, scope, who.name, role)
        return self.tokens.issue(who)

    def pushed(
        self,
        files: Mapping[str, bytes],
        *,
        model: str = "iris",
        by: Caller = ADMIN,
        **described: Any,
    ) -> Any:
        """A version whose files have all been sent and received."""
        if self.database.models.get("default", model) is None:
            self.registry.models.register(by, "default", model, {})
        version = self.registered(files, model=model, by=by, **described)
        self.send(version, files)
        return self.registry.receipts.complete(by, "default", model, version.number).version

    def registered(
        self,
        files: Mapping[str, bytes],
        *,
        model: str = "iris",
        by: Caller = ADMIN,
        version: str | None = None,
        on_repeat: OnRepeat = OnRepeat.SAME,
        **described: Any,
    ) -> Any:
        """A version whose files are declared and nothing more."""
        declarations = [declare(path, content) for path, content in files.items()]
        registration = self.registry.versions.register(
            by, "default", model, described, declarations, version=version, on_repeat=on_repeat
        )
        return registration.version

    def send(self, version: Any, files: Mapping[str, bytes], by: Caller = ADMIN) -> None:
        """Send whatever the upload still asks for, as a client would."""
        from core.domain.pages import PageRequest

        uploads = self.registry.uploads
        place = (by, version.namespace, version.model, version.number)
        _, page = uploads.open(*place, PageRequest(1000))
        for transfer in page.items:
            content = files[transfer.file.path]
            if transfer.put is not None:
                self.blobs.send(transfer.put, content)
                continue
            size = transfer.file.part_size_bytes
            wanted = [
                (number, hashlib.sha256(content[(number - 1) * size : number * size]).hexdigest())
                for number in range(1, transfer.file.parts + 1)
                if number not in transfer.received_parts
            ]
            if not wanted:
                continue
            for part in uploads.sign_parts(*place, transfer.file.path, wanted):
                start = (part.number - 1) * size
                self.blobs.send(part.request, content[start : start + size])


def gated(
    world: World,
    source: str,
    target: str,
    *gates: Mapping[str, Any],
    rollback_gates: tuple[Mapping[str, Any], ...] = (),
    without: str = "",
) -> None:
    """Set the lifecycle of `default`: these gates on a way between two stages, the target added if
    it is not there, the stage `without` taken away with its ways."""
    lifecycles = world.registry.lifecycles
    present = lifecycles.get(ADMIN, "default")
    new = Transition(from_stage=source, to_stage=target, gates=gates, rollback_gates=rollback_gates)
    ways = {(way.from_stage, way.to_stage): way for way in present.transitions}
    ways[source, target] = new
    stages = {stage.name: stage for stage in present.stages}
    stages.setdefault(target, Stage(name=target))
    stages.pop(without, None)
    kept = tuple(way for ends, way in ways.items() if without not in ends)
    lifecycles.put(ADMIN, "default", tuple(stages.values()), kept)
