"""A database in memory, as strict as the real one: for tests, and to show how little it takes."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TypeVar

from core.adapters.memory.access_tokens import MemoryAccessTokens
from core.adapters.memory.approvals import MemoryApprovals
from core.adapters.memory.artifacts import MemoryArtifacts
from core.adapters.memory.audit import MemoryAudit
from core.adapters.memory.checkpoints import MemoryCheckpoints
from core.adapters.memory.claims import MemoryClaims
from core.adapters.memory.deliveries import MemoryDeliveries
from core.adapters.memory.deployments import MemoryDeployments
from core.adapters.memory.environments import MemoryEnvironments
from core.adapters.memory.evaluations import MemoryEvaluations
from core.adapters.memory.events import MemoryEvents
from core.adapters.memory.experiments import MemoryExperiments
from core.adapters.memory.files import MemoryFiles
from core.adapters.memory.grants import MemoryGrants
from core.adapters.memory.lifecycles import MemoryLifecycles
from core.adapters.memory.logged_models import MemoryLoggedModels
from core.adapters.memory.metrics import MemoryMetrics
from core.adapters.memory.models import MemoryModels
from core.adapters.memory.namespaces import MemoryNamespaces
from core.adapters.memory.publishers import MemoryPublishers
from core.adapters.memory.runs import MemoryRuns
from core.adapters.memory.schemas import MemorySchemas
from core.adapters.memory.serve_records import MemoryServeRecords
from core.adapters.memory.service_accounts import MemoryServiceAccounts
from core.adapters.memory.stored_objects import MemoryStoredObjects
from core.adapters.memory.tables import Tables, Use
from core.adapters.memory.versions import MemoryVersions
from core.adapters.memory.webhooks import MemoryWebhooks
from core.errors import Unavailable
from core.ports import (
    AccessTokenStore,
    ApprovalStore,
    ArtifactStore,
    AuditStore,
    CheckpointStore,
    ClaimStore,
    DeliveryStore,
    DeploymentStore,
    EnvironmentStore,
    EvaluationStore,
    EventStore,
    ExperimentStore,
    FileStore,
    GrantStore,
    LifecycleStore,
    LoggedModelStore,
    MetricStore,
    ModelStore,
    NamespaceStore,
    PublisherStore,
    RunStore,
    SchemaStore,
    ServeRecordStore,
    ServiceAccountStore,
    StoredObjectStore,
    Stores,
    VersionStore,
    WebhookStore,
)

T = TypeVar("T")


class MemoryStores:
    """All the collections over the tables that `use` opens."""

    def __init__(self, use: Use) -> None:
        self.namespaces: NamespaceStore = MemoryNamespaces(use)
        self.models: ModelStore = MemoryModels(use)
        self.versions: VersionStore = MemoryVersions(use)
        self.files: FileStore = MemoryFiles(use)
        self.grants: GrantStore = MemoryGrants(use)
        self.publishers: PublisherStore = MemoryPublishers(use)
        self.service_accounts: ServiceAccountStore = MemoryServiceAccounts(use)
        self.access_tokens: AccessTokenStore = MemoryAccessTokens(use)
        self.schemas: SchemaStore = MemorySchemas(use)
        self.lifecycles: LifecycleStore = MemoryLifecycles(use)
        self.approvals: ApprovalStore = MemoryApprovals(use)
        self.artifacts: ArtifactStore = MemoryArtifacts(use)
        self.events: EventStore = MemoryEvents(use)
        self.webhooks: WebhookStore = MemoryWebhooks(use)
        self.deliveries: DeliveryStore = MemoryDeliveries(use)
        self.claims: ClaimStore = MemoryClaims(use)
        self.evaluations: EvaluationStore = MemoryEvaluations(use)
        self.audit: AuditStore = MemoryAudit(use)
        self.checkpoints: CheckpointStore = MemoryCheckpoints(use)
        self.environments: EnvironmentStore = MemoryEnvironments(use)
        self.deployments: DeploymentStore = MemoryDeployments(use)
        self.serve_records: ServeRecordStore = MemoryServeRecords(use)
        self.experiments: ExperimentStore = MemoryExperiments(use)
        self.runs: RunStore = MemoryRuns(use)
        self.logged_models: LoggedModelStore = MemoryLoggedModels(use)
        self.metrics: MetricStore = MemoryMetrics(use)
        self.stored_objects: StoredObjectStore = MemoryStoredObjects(use)


class MemoryDatabase(MemoryStores):
    """See `core.ports.Database`. Transactions run one after another on a staged copy.

    While `down` is true everything raises `Unavailable`.
    """

    def __init__(self) -> None:
        super().__init__(self._committed)
        self.down = False
        self._lock = RLock()
        self._tables = Tables()
        self._last_ids: Counter[str] = Counter()

    def transaction(self, work: Callable[[Stores], T]) -> T:
        """See `core.ports.Database.transaction`."""
        with self._lock:
            self.ping()
            staged = self._tables.copy()
            result = work(MemoryStores(_Staging(self, staged)))
            self.ping()
            told = staged.events.keys() - self._tables.events.keys()
            staged.ledger.check(staged.events[key] for key in told)
            self._tables = staged
            return result

    def next_id(self, noun: str, count: int = 1) -> int:
        """See `core.ports.Database.next_id`."""
        with self._lock:
            self.ping()
            self._last_ids[noun] += count
            return self._last_ids[noun] - count + 1

    def ping(self) -> None:
        """See `core.ports.Database.ping`."""
        if self.down:
            raise Unavailable("The database does not answer.")

    @contextmanager
    def _committed(self, changing: bool) -> Iterator[Tables]:
        with self._lock:
            self.ping()
            if changing:
                raise AssertionError("entities change in transactions only")
            yield self._tables


class _Staging:
    """Opens one transaction's staged tables, which note the changes."""

    def __init__(self, database: MemoryDatabase, tables: Tables) -> None:
        self._database = database
        self._tables = tables

    @contextmanager
    def __call__(self, changing: bool) -> Iterator[Tables]:
        self._database.ping()
        yield self._tables
