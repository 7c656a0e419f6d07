"""The stores of one database, each imported and made when it is first asked for.

A function pays at its cold start for the collections that it reads, and for no other.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo.client_session import ClientSession
from pymongo.database import Database

from core.adapters.mongo.documents import Documents, Progress
from core.adapters.mongo.events import MongoEvents
from core.domain.events import Event

if TYPE_CHECKING:
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
        VersionStore,
        WebhookStore,
    )

T = TypeVar("T")


class MongoStores:
    """All the collections of one database, inside the session's transaction if one is given."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        session: ClientSession | None = None,
        progress: Progress | None = None,
        *,
        walks_indexes: bool,
    ) -> None:
        self._database = database
        self._session = session
        self._progress = progress
        self._walks_indexes = walks_indexes

    def _documents(self, kind: type[T], name: str) -> Documents[T]:
        return Documents(kind, self._database[name], self._session, self._progress)

    @cached_property
    def told(self) -> MongoEvents:
        """The events, with what only transactions do with them."""
        return MongoEvents(self._documents(Event, "events"), walks_indexes=self._walks_indexes)

    @property
    def events(self) -> "EventStore":
        return self.told

    @cached_property
    def webhooks(self) -> "WebhookStore":
        from core.adapters.mongo.webhooks import MongoWebhooks
        from core.domain.webhooks import Webhook

        return MongoWebhooks(self._documents(Webhook, "webhooks"))

    @cached_property
    def deliveries(self) -> "DeliveryStore":
        from core.adapters.mongo.deliveries import MongoDeliveries
        from core.domain.deliveries import Cursor, Delivery

        return MongoDeliveries(
            self._documents(Delivery, "deliveries"), self._documents(Cursor, "cursors")
        )

    @cached_property
    def namespaces(self) -> "NamespaceStore":
        from core.adapters.mongo.namespaces import MongoNamespaces
        from core.domain.namespaces import Namespace

        return MongoNamespaces(self._documents(Namespace, "namespaces"))

    @cached_property
    def models(self) -> "ModelStore":
        from core.adapters.mongo.models import MongoModels
        from core.domain.models import RegisteredModel

        return MongoModels(self._documents(RegisteredModel, "models"))

    @cached_property
    def versions(self) -> "VersionStore":
        from core.adapters.mongo.versions import MongoVersions
        from core.domain.versions import ModelVersion

        documents = self._documents(ModelVersion, "versions")
        return MongoVersions(documents, walks_indexes=self._walks_indexes)

    @cached_property
    def files(self) -> "FileStore":
        from core.adapters.mongo.files import MongoFiles
        from core.domain.files import File

        return MongoFiles(self._documents(File, "files"))

    @cached_property
    def grants(self) -> "GrantStore":
        from core.adapters.mongo.grants import MongoGrants
        from core.domain.grants import Grant

        return MongoGrants(self._documents(Grant, "grants"))

    @cached_property
    def publishers(self) -> "PublisherStore":
        from core.adapters.mongo.publishers import MongoPublishers
        from core.domain.publishers import Publisher

        return MongoPublishers(self._documents(Publisher, "publishers"))

    @cached_property
    def service_accounts(self) -> "ServiceAccountStore":
        from core.adapters.mongo.service_accounts import MongoServiceAccounts
        from core.domain.service_accounts import ServiceAccount

        return MongoServiceAccounts(self._documents(ServiceAccount, "service_accounts"))

    @cached_property
    def access_tokens(self) -> "AccessTokenStore":
        from core.adapters.mongo.access_tokens import MongoAccessTokens
        from core.domain.access_tokens import AccessToken

        return MongoAccessTokens(self._documents(AccessToken, "access_tokens"))

    @cached_property
    def schemas(self) -> "SchemaStore":
        from core.adapters.mongo.schemas import MongoSchemas
        from core.domain.schemas import Schema

        return MongoSchemas(self._documents(Schema, "schemas"))

    @cached_property
    def lifecycles(self) -> "LifecycleStore":
        from core.adapters.mongo.lifecycles import MongoLifecycles
        from core.domain.lifecycles import Lifecycle

        return MongoLifecycles(self._documents(Lifecycle, "lifecycles"))

    @cached_property
    def approvals(self) -> "ApprovalStore":
        from core.adapters.mongo.approvals import MongoApprovals
        from core.domain.approvals import Approval

        return MongoApprovals(self._documents(Approval, "approvals"))

    @cached_property
    def claims(self) -> "ClaimStore":
        from core.adapters.mongo.claims import MongoClaims
        from core.domain.claims import Claim

        return MongoClaims(self._documents(Claim, "claims"))

    @cached_property
    def evaluations(self) -> "EvaluationStore":
        from core.adapters.mongo.evaluations import MongoEvaluations
        from core.domain.evaluations import Evaluation, EvaluationReport

        return MongoEvaluations(
            self._documents(Evaluation, "evaluations"),
            self._documents(EvaluationReport, "evaluation_reports"),
        )

    @cached_property
    def audit(self) -> "AuditStore":
        from core.adapters.mongo.audit import MongoAudit
        from core.domain.events import Event

        return MongoAudit(
            self._documents(Event, "events"),
            self._documents(Event, "accesses"),
            self._database["tallies"],
        )

    @cached_property
    def checkpoints(self) -> "CheckpointStore":
        from core.adapters.mongo.checkpoints import MongoCheckpoints
        from core.domain.checkpoints import Batch, Checkpoint

        return MongoCheckpoints(
            self._documents(Checkpoint, "checkpoints"), self._documents(Batch, "batches")
        )

    @cached_property
    def environments(self) -> "EnvironmentStore":
        from core.adapters.mongo.environments import MongoEnvironments
        from core.domain.environments import Environment

        return MongoEnvironments(self._documents(Environment, "environments"))

    @cached_property
    def deployments(self) -> "DeploymentStore":
        from core.adapters.mongo.deployments import MongoDeployments
        from core.domain.deployments import Deployment

        return MongoDeployments(self._documents(Deployment, "deployments"))

    @cached_property
    def serve_records(self) -> "ServeRecordStore":
        from core.adapters.mongo.serve_records import MongoServeRecords
        from core.domain.serve_records import ServeRecord

        return MongoServeRecords(self._documents(ServeRecord, "serve_records"))

    @cached_property
    def experiments(self) -> "ExperimentStore":
        from core.adapters.mongo.experiments import MongoExperiments
        from core.domain.experiments import Experiment

        return MongoExperiments(self._documents(Experiment, "experiments"))

    @cached_property
    def runs(self) -> "RunStore":
        from core.adapters.mongo.runs import MongoRuns
        from core.domain.runs import Run

        return MongoRuns(self._documents(Run, "runs"))

    @cached_property
    def logged_models(self) -> "LoggedModelStore":
        from core.adapters.mongo.logged_models import MongoLoggedModels
        from core.domain.logged_models import LoggedModel

        return MongoLoggedModels(self._documents(LoggedModel, "logged_models"))

    @cached_property
    def metrics(self) -> "MetricStore":
        from core.adapters.mongo.metrics import MongoMetrics

        return MongoMetrics(self._database["metric_points"], self._database["metric_summaries"])

    @cached_property
    def stored_objects(self) -> "StoredObjectStore":
        from core.adapters.mongo.stored_objects import MongoStoredObjects

        return MongoStoredObjects(self._database["stored_objects"])

    @cached_property
    def artifacts(self) -> "ArtifactStore":
        from core.adapters.mongo.artifacts import MongoArtifacts
        from core.domain.artifacts import Artifact

        return MongoArtifacts(self._documents(Artifact, "artifacts"))
