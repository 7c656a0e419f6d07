"""All the stores together, and transactions over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from core.ports.access_tokens import AccessTokenStore
    from core.ports.approvals import ApprovalStore
    from core.ports.artifacts import ArtifactStore
    from core.ports.audit import AuditStore
    from core.ports.checkpoints import CheckpointStore
    from core.ports.claims import ClaimStore
    from core.ports.deliveries import DeliveryStore
    from core.ports.deployments import DeploymentStore
    from core.ports.environments import EnvironmentStore
    from core.ports.evaluations import EvaluationStore
    from core.ports.events import EventStore
    from core.ports.experiments import ExperimentStore
    from core.ports.files import FileStore
    from core.ports.grants import GrantStore
    from core.ports.lifecycles import LifecycleStore
    from core.ports.logged_models import LoggedModelStore
    from core.ports.metrics import MetricStore
    from core.ports.models import ModelStore
    from core.ports.namespaces import NamespaceStore
    from core.ports.publishers import PublisherStore
    from core.ports.runs import RunStore
    from core.ports.schemas import SchemaStore
    from core.ports.serve_records import ServeRecordStore
    from core.ports.service_accounts import ServiceAccountStore
    from core.ports.stored_objects import StoredObjectStore
    from core.ports.versions import VersionStore
    from core.ports.webhooks import WebhookStore


T = TypeVar("T")


class Stores(Protocol):
    """All the collections, as one consistent view."""

    @property
    def namespaces(self) -> NamespaceStore: ...

    @property
    def models(self) -> ModelStore: ...

    @property
    def versions(self) -> VersionStore: ...

    @property
    def files(self) -> FileStore: ...

    @property
    def grants(self) -> GrantStore: ...

    @property
    def publishers(self) -> PublisherStore: ...

    @property
    def service_accounts(self) -> ServiceAccountStore: ...

    @property
    def access_tokens(self) -> AccessTokenStore: ...

    @property
    def schemas(self) -> SchemaStore: ...

    @property
    def lifecycles(self) -> LifecycleStore: ...

    @property
    def approvals(self) -> ApprovalStore: ...

    @property
    def artifacts(self) -> ArtifactStore: ...

    @property
    def events(self) -> EventStore: ...

    @property
    def webhooks(self) -> WebhookStore: ...

    @property
    def deliveries(self) -> DeliveryStore: ...

    @property
    def claims(self) -> ClaimStore: ...

    @property
    def evaluations(self) -> EvaluationStore: ...

    @property
    def audit(self) -> AuditStore: ...

    @property
    def checkpoints(self) -> CheckpointStore: ...

    @property
    def environments(self) -> EnvironmentStore: ...

    @property
    def deployments(self) -> DeploymentStore: ...

    @property
    def serve_records(self) -> ServeRecordStore: ...

    @property
    def experiments(self) -> ExperimentStore: ...

    @property
    def runs(self) -> RunStore: ...

    @property
    def logged_models(self) -> LoggedModelStore: ...

    @property
    def metrics(self) -> MetricStore: ...

    @property
    def stored_objects(self) -> StoredObjectStore: ...


class Database(Stores, Protocol):
    """The collections outside a transaction, for single reads; and transactions over them.

    Every method of it and of its stores raises `Unavailable` while the database does not answer.
    """

    def transaction(self, work: Callable[[Stores], T]) -> T:
        """Run `work` on a snapshot and commit all it wrote, or nothing if it raises.

        `work` may run several times: it must do nothing but read and write its stores, and let
        their errors pass: `Taken` and `Stale` end the transaction. Entities change in transactions
        only, and one is refused (`AssertionError`) unless every entity that it changes has an
        event of its own, of the same revision, that holds its whole record (`Ledger.check`).
        """
        ...

    def next_id(self, noun: str, count: int = 1) -> int:
        """The first of `count` decimal ids in a row never given out before for this noun,
        ascending from 1."""
        ...

    def ping(self) -> None:
        """Return if the database answers; raise `Unavailable` if not."""
        ...
