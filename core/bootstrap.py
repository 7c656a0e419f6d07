"""From settings to a registry: the only importer of adapters, each when it is needed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from core.domain.service_accounts import ISSUER
from core.ports import BlobStore, Channel, Clock, Database, Hook, Telemetry, TokenVerifier
from core.registry import Registry
from core.settings import Settings, secrets_named

if TYPE_CHECKING:
    from core.services.backups import Backups


class SystemClock:
    """The machine's time, in UTC, cut to milliseconds."""

    def now(self) -> datetime:
        """The present moment."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def configured(environment: Mapping[str, str]) -> Settings:
    """A function's settings: what its environment says, and what that says lies in secrets.

    Raises `Invalid` naming the variable that is wrong, `Unavailable` if a secret cannot be read.
    """
    if named := secrets_named(environment):
        from core.adapters.aws.secrets import resolved

        environment = {**environment, **resolved(environment, named)}
    return Settings.from_environment(environment)


def assemble(settings: Settings) -> Registry:
    """The registry on MongoDB, an S3-compatible store and OpenID Connect; connects lazily."""
    from core.adapters.mongo.database import MongoDatabase
    from core.adapters.oidc.tokens import OidcTokenVerifier

    clock = SystemClock()
    telemetry = None
    if settings.telemetry or settings.metrics_token:
        from core.adapters.otel.sdk import started

        telemetry = started(settings.telemetry, exposes_metrics=bool(settings.metrics_token))
    blobs = _store(settings, clock, telemetry.outgoing if telemetry else None)
    database: Database = MongoDatabase.connect(
        settings.mongodb_uri,
        settings.mongodb_database,
        walks_indexes=settings.mongodb_walks_indexes,
        listeners=telemetry.listeners() if telemetry else (),
    )
    verifier = OidcTokenVerifier(settings.issuers, clock)
    if telemetry is not None:
        database, blobs = telemetry.database(database), telemetry.blobs(blobs)
    if not settings.plugins:
        return bundle(settings, database, blobs, verifier, clock, telemetry=telemetry)
    from core.adapters.plugins.database import HookedDatabase
    from core.adapters.plugins.loading import load

    plugins = load(settings.plugins, settings.plugin_timeout_seconds)
    hooked = cast(Database, HookedDatabase(database, plugins))
    return bundle(settings, hooked, blobs, verifier, clock, plugins.gate_hooks, telemetry=telemetry)


def _store(
    settings: Settings,
    clock: Clock,
    outgoing: Callable[[], Mapping[str, str]] | None = None,
) -> BlobStore:
    from core.adapters.s3.blobs import S3BlobStore

    return S3BlobStore(
        endpoint=settings.s3_endpoint,
        public_endpoint=settings.s3_public_endpoint or settings.s3_endpoint,
        region=settings.s3_region,
        bucket=settings.s3_bucket,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        session_token=settings.s3_session_token,
        proves_sha256=settings.s3_proves_sha256,
        put_url_ttl_seconds=settings.put_url_ttl_seconds,
        get_url_ttl_seconds=settings.get_url_ttl_seconds,
        clock=clock,
        outgoing=outgoing,
    )


PLAIN = (
    "aliases", "approvals", "audit", "batches", "compliance", "decisions", "deployments",
    "environments", "evaluations", "events", "grants", "history", "lifecycles", "manifests",
    "metrics", "models", "namespaces", "policies", "refusals", "renames", "retirements",
    "schemas", "serve_records", "stages",
)  # fmt: skip
"""Use cases that need the database and the time, and nothing else."""


def bundle(
    settings: Settings,
    database: Database,
    blobs: BlobStore,
    verifier: TokenVerifier,
    clock: Clock,
    hooks: Mapping[str, Hook] | None = None,
    channel: Channel | None = None,
    telemetry: Telemetry | None = None,
) -> Registry:
    """The registry on any adapters; tests bring memory ones. Gates ask `hooks` by their names;
    webhooks are told through `channel`, by default by HTTP and what the settings name."""
    from core.adapters.ed25519.keys import Ed25519Signer

    tokens = (settings.token_peppers, settings.token_max_days)
    signer = Ed25519Signer(settings.audit_key, settings.audit_former_keys)
    telling = _telling(settings, database, clock, channel)
    parts: dict[str, tuple[Any, ...]] = {
        **dict.fromkeys(PLAIN, (database, clock)),
        "identities": (
            verifier,
            database,
            clock,
            settings.admins,
            settings.grants_ttl_seconds,
            settings.token_peppers,
            frozenset({ISSUER, *(issuer.name for issuer in settings.issuers)}),
        ),
        **telling,
        "versions": (
            database,
            clock,
            settings.upload_ttl_seconds,
            settings.max_files,
            settings.max_file_bytes,
        ),
        "handovers": (
            database,
            blobs,
            clock,
            settings.upload_ttl_seconds,
            settings.max_files,
            settings.max_file_bytes,
        ),
        "comparisons": (database,),
        "metric_histories": (database,),
        "run_artifacts": (database,),
        "downloads": (database, blobs, clock),
        "search": (database,),
        "uploads": (database, blobs, clock),
        "receipts": (database, blobs, clock),
        "access": (database, clock, settings.admins),
        "publishers": (
            database,
            clock,
            {each.name: each.platform for each in settings.issuers if each.platform},
        ),
        "access_tokens": (database, clock, *tokens),
        "service_accounts": (database, clock, *tokens),
        "promotions": (database, clock, hooks or {}),
        "rollbacks": (database, clock, hooks or {}),
        "artifacts": (database, blobs, clock),
        "attachments": (database, blobs, clock),
        "logged_files": (
            database,
            blobs,
            clock,
            min(settings.max_proxied_bytes, settings.max_file_bytes),
        ),
        "run_purges": (database, blobs, clock),
        "consistency": (database, blobs, clock),
        "experiments": (database, clock, settings.delete_grace_seconds),
        "runs": (database, clock, settings.delete_grace_seconds),
        "logged_models": (database, clock, settings.delete_grace_seconds),
        "deletions": (database, clock, settings.delete_grace_seconds),
        "holds": (database, clock, settings.delete_grace_seconds),
        "purges": (database, blobs, clock, settings.delete_grace_seconds),
        "checkpoints": (database, blobs),
        "sealing": (database, blobs, clock, signer, timedelta(days=settings.audit_retention_days)),
    }
    return Registry(database, blobs, signer, parts, verifier=verifier, telemetry=telemetry)


def _telling(
    settings: Settings, database: Database, clock: Clock, channel: Channel | None
) -> dict[str, tuple[Any, ...]]:
    """The parts of the use cases that tell webhooks."""
    from core.adapters.aes.vault import AesVault
    from core.adapters.channels.channels import Channels
    from core.domain.deliveries import Retrying

    log = timedelta(days=settings.relay_log_days)
    first = timedelta(seconds=settings.relay_retry_seconds)
    retrying = Retrying(first=first, attempts=settings.relay_attempts, log=log)
    out = channel or Channels(
        settings.relay_targets,
        timeout_seconds=settings.relay_timeout_seconds,
        allows_private=settings.relay_allows_private,
    )
    ports = (database, clock, out, AesVault(settings.relay_keys))
    return {
        "webhooks": ports,
        "deliveries": (*ports, settings.public_url, log),
        "relay": (*ports, settings.public_url, retrying),
    }


def rewrite(settings: Settings) -> Iterator[tuple[str, int]]:
    """Bring what earlier releases stored into today's shape: after each batch, the collection and
    how many that were. It may be broken off and repeated."""
    from core.adapters.mongo.database import MongoDatabase

    yield from MongoDatabase.connect(settings.mongodb_uri, settings.mongodb_database).rewrite()


def prepare(settings: Settings) -> None:
    """Make the database ready for use: indexes and counters. Repeating is harmless."""
    from core.adapters.mongo.database import MongoDatabase

    MongoDatabase.connect(settings.mongodb_uri, settings.mongodb_database).prepare()


def backups(settings: Settings, bucket: str) -> "Backups":
    """What keeps the database's documents in a bucket of the store, and brings them back."""
    from core.adapters.mongo.database import mongo_client
    from core.adapters.mongo.dumps import MongoDumps
    from core.services.backups import Backups

    database = mongo_client(settings.mongodb_uri)[settings.mongodb_database]
    store = _store(replace(settings, s3_bucket=bucket or settings.s3_bucket), SystemClock())
    return Backups(MongoDumps(database), store, SystemClock())
