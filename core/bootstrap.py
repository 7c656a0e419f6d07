"""From settings to a registry: the only importer of adapters, each when it is needed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from core.domain.service_accounts import ISSUER
from core.ports import BlobStore, Clock, Database, Hook, TokenVerifier
from core.registry import Registry
from core.services.access import Access
from core.services.access_tokens import AccessTokens
from core.services.aliases import Aliases
from core.services.approvals import Approvals
from core.services.artifacts import Artifacts
from core.services.attachments import Attachments
from core.services.audit import Audit
from core.services.checkpoints import Checkpoints
from core.services.comparisons import Comparisons
from core.services.compliance import Compliance
from core.services.decisions import Decisions
from core.services.deletions import Deletions
from core.services.deployments import Deployments
from core.services.downloads import Downloads
from core.services.environments import Environments
from core.services.evaluations import Evaluations
from core.services.events import Events
from core.services.experiments import Experiments
from core.services.grants import Grants
from core.services.history import History
from core.services.holds import Holds
from core.services.identities import Identities
from core.services.lifecycles import Lifecycles
from core.services.manifests import Manifests
from core.services.metrics import Metrics
from core.services.models import Models
from core.services.namespaces import Namespaces
from core.services.policies import Policies
from core.services.promotions import Promotions
from core.services.publishers import Publishers
from core.services.purges import Purges
from core.services.receipts import Receipts
from core.services.refusals import Refusals
from core.services.retirements import Retirements
from core.services.rollbacks import Rollbacks
from core.services.run_purges import RunPurges
from core.services.runs import Runs
from core.services.schemas import Schemas
from core.services.sealing import Sealing
from core.services.search import Search
from core.services.serve_records import ServeRecords
from core.services.service_accounts import ServiceAccounts
from core.services.stages import Stages
from core.services.uploads import Uploads
from core.services.versions import Versions
from core.settings import Settings


class SystemClock:
    """The machine's time, in UTC, cut to milliseconds."""

    def now(self) -> datetime:
        """The present moment."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def assemble(settings: Settings) -> Registry:
    """The registry on MongoDB, an S3-compatible store and OpenID Connect; connects lazily."""
    from core.adapters.mongo.database import MongoDatabase
    from core.adapters.oidc.tokens import OidcTokenVerifier
    from core.adapters.s3.blobs import S3BlobStore

    clock = SystemClock()
    blobs = S3BlobStore(
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
    )
    database = MongoDatabase.connect(
        settings.mongodb_uri,
        settings.mongodb_database,
        walks_indexes=settings.mongodb_walks_indexes,
    )
    return bundle(settings, database, blobs, OidcTokenVerifier(settings.issuers, clock), clock)


def bundle(
    settings: Settings,
    database: Database,
    blobs: BlobStore,
    verifier: TokenVerifier,
    clock: Clock,
    hooks: Mapping[str, Hook] | None = None,
) -> Registry:
    """The registry on any adapters; tests bring memory ones. Gates ask `hooks` by their names."""
    from core.adapters.ed25519.keys import Ed25519Signer

    tokens = (settings.token_peppers, settings.token_max_days)
    signer = Ed25519Signer(settings.audit_key, settings.audit_former_keys)
    return Registry(
        identities=Identities(
            verifier,
            database,
            clock,
            settings.admins,
            settings.grants_ttl_seconds,
            settings.token_peppers,
            frozenset({ISSUER, *(issuer.name for issuer in settings.issuers)}),
        ),
        namespaces=Namespaces(database, clock),
        models=Models(database, clock),
        versions=Versions(
            database,
            clock,
            settings.upload_ttl_seconds,
            settings.max_files,
            settings.max_file_bytes,
        ),
        comparisons=Comparisons(database),
        manifests=Manifests(database, clock),
        downloads=Downloads(database, blobs, clock),
        search=Search(database),
        uploads=Uploads(database, blobs, clock),
        receipts=Receipts(database, blobs, clock),
        aliases=Aliases(database, clock),
        approvals=Approvals(database, clock),
        decisions=Decisions(database, clock),
        grants=Grants(database, clock),
        access=Access(database, clock, settings.admins),
        publishers=Publishers(
            database,
            clock,
            {each.name: each.platform for each in settings.issuers if each.platform},
        ),
        access_tokens=AccessTokens(database, clock, *tokens),
        service_accounts=ServiceAccounts(database, clock, *tokens),
        schemas=Schemas(database, clock),
        lifecycles=Lifecycles(database, clock),
        stages=Stages(database, clock),
        promotions=Promotions(database, clock, hooks or {}),
        rollbacks=Rollbacks(database, clock, hooks or {}),
        evaluations=Evaluations(database, clock),
        artifacts=Artifacts(database, blobs, clock),
        attachments=Attachments(database, clock),
        environments=Environments(database, clock),
        deployments=Deployments(database, clock),
        serve_records=ServeRecords(database, clock),
        experiments=Experiments(database, clock, settings.delete_grace_seconds),
        runs=Runs(database, clock, settings.delete_grace_seconds),
        metrics=Metrics(database, clock),
        run_purges=RunPurges(database, clock),
        events=Events(database, clock),
        history=History(database, clock),
        deletions=Deletions(database, clock, settings.delete_grace_seconds),
        retirements=Retirements(database, clock),
        policies=Policies(database, clock),
        compliance=Compliance(database, clock),
        holds=Holds(database, clock, settings.delete_grace_seconds),
        purges=Purges(database, blobs, clock, settings.delete_grace_seconds),
        refusals=Refusals(database, clock),
        audit=Audit(database, clock),
        checkpoints=Checkpoints(database, blobs),
        sealing=Sealing(
            database, blobs, clock, signer, timedelta(days=settings.audit_retention_days)
        ),
        database=database,
        blobs=blobs,
        signer=signer,
    )


def rewrite(settings: Settings) -> Iterator[tuple[str, int]]:
    """Bring what earlier releases stored into today's shape: after each batch, the collection and
    how many that were. It may be broken off and repeated."""
    from core.adapters.mongo.database import MongoDatabase

    yield from MongoDatabase.connect(settings.mongodb_uri, settings.mongodb_database).rewrite()


def prepare(settings: Settings) -> None:
    """Make the database ready for use: indexes and counters. Repeating is harmless."""
    from core.adapters.mongo.database import MongoDatabase

    MongoDatabase.connect(settings.mongodb_uri, settings.mongodb_database).prepare()
