"""The registry's face: every use case, each class of them imported when it is first asked for.

A function pays at its cold start for the use cases that it serves, and for no other.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.ports import BlobStore, Database, Signer, Telemetry, TokenVerifier

if TYPE_CHECKING:
    from core.services.access import Access
    from core.services.access_tokens import AccessTokens
    from core.services.aliases import Aliases
    from core.services.approvals import Approvals
    from core.services.artifacts import Artifacts
    from core.services.attachments import Attachments
    from core.services.audit import Audit
    from core.services.batches import Batches
    from core.services.checkpoints import Checkpoints
    from core.services.comparisons import Comparisons
    from core.services.compliance import Compliance
    from core.services.consistency import Consistency
    from core.services.decisions import Decisions
    from core.services.deletions import Deletions
    from core.services.deliveries import Deliveries
    from core.services.deployments import Deployments
    from core.services.downloads import Downloads
    from core.services.environments import Environments
    from core.services.evaluations import Evaluations
    from core.services.events import Events
    from core.services.experiments import Experiments
    from core.services.grants import Grants
    from core.services.handovers import Handovers
    from core.services.history import History
    from core.services.holds import Holds
    from core.services.identities import Identities
    from core.services.lifecycles import Lifecycles
    from core.services.logged_files import LoggedFiles
    from core.services.logged_models import LoggedModels
    from core.services.manifests import Manifests
    from core.services.metric_histories import MetricHistories
    from core.services.metrics import Metrics
    from core.services.models import Models
    from core.services.namespaces import Namespaces
    from core.services.policies import Policies
    from core.services.promotions import Promotions
    from core.services.publishers import Publishers
    from core.services.purges import Purges
    from core.services.receipts import Receipts
    from core.services.refusals import Refusals
    from core.services.relay import Relay
    from core.services.renames import Renames
    from core.services.retirements import Retirements
    from core.services.rollbacks import Rollbacks
    from core.services.run_artifacts import RunArtifacts
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
    from core.services.webhooks import Webhooks


class Registry:
    """What handlers hold; they know nothing else of the core but its domain and errors.

    `registry.models` is the class `Models` of `core.services.models`, made of the parts that are
    given for it, and so is every other.
    """

    if TYPE_CHECKING:
        identities: Identities
        namespaces: Namespaces
        models: Models
        versions: Versions
        manifests: Manifests
        handovers: Handovers
        downloads: Downloads
        artifacts: Artifacts
        attachments: Attachments
        evaluations: Evaluations
        comparisons: Comparisons
        search: Search
        uploads: Uploads
        receipts: Receipts
        aliases: Aliases
        approvals: Approvals
        decisions: Decisions
        grants: Grants
        access: Access
        publishers: Publishers
        access_tokens: AccessTokens
        service_accounts: ServiceAccounts
        schemas: Schemas
        lifecycles: Lifecycles
        stages: Stages
        promotions: Promotions
        rollbacks: Rollbacks
        environments: Environments
        deployments: Deployments
        serve_records: ServeRecords
        experiments: Experiments
        runs: Runs
        run_artifacts: RunArtifacts
        run_purges: RunPurges
        logged_files: LoggedFiles
        logged_models: LoggedModels
        metrics: Metrics
        batches: Batches
        metric_histories: MetricHistories
        events: Events
        history: History
        deletions: Deletions
        renames: Renames
        retirements: Retirements
        holds: Holds
        policies: Policies
        compliance: Compliance
        purges: Purges
        consistency: Consistency
        webhooks: Webhooks
        deliveries: Deliveries
        relay: Relay
        refusals: Refusals
        sealing: Sealing
        audit: Audit
        checkpoints: Checkpoints

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        signer: Signer,
        parts: Mapping[str, tuple[Any, ...]],
        *,
        verifier: TokenVerifier,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.database = database
        self.blobs = blobs
        self.signer = signer
        self.telemetry = telemetry
        self._parts = parts
        self._verifier = verifier

    def __getattr__(self, name: str) -> Any:
        """The use cases of this name, asked for the first time."""
        if name.startswith("_") or name not in self._parts:
            raise AttributeError(f"The registry has no {name}.")
        module = import_module(f"core.services.{name}")
        kind = getattr(module, "".join(word.capitalize() for word in name.split("_")))
        use_cases = kind(*self._parts[name])
        if self.telemetry is not None:
            use_cases = self.telemetry.watched(kind.__name__, use_cases)
        setattr(self, name, use_cases)
        return use_cases

    def __iter__(self) -> Iterator[str]:
        """The names of all use cases' classes."""
        return iter(self._parts)

    def check_health(self) -> None:
        """Return if database and object store answer; raise `Unavailable` if not."""
        self.database.ping()
        self.blobs.ping()

    def checks(self) -> Mapping[str, Callable[[], None]]:
        """For each part that it stands on what returns if that answers, and else raises."""
        return {"database": self.database.ping, "store": self.blobs.ping, **self._verifier.checks()}
