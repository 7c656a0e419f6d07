"""What the registry needs of the world, as protocols; `core/adapters` has the implementations.

Stores return None for what is not there; deciding what that means is the use case's business.
"""

from core.ports.access_tokens import AccessTokenStore
from core.ports.approvals import ApprovalStore
from core.ports.artifacts import ArtifactStore
from core.ports.audit import AuditStore
from core.ports.blobs import Blob, BlobStore, Entry, Part, SignedRequest
from core.ports.channels import Channel
from core.ports.checkpoints import CheckpointStore, Signer
from core.ports.claims import ClaimStore
from core.ports.clock import Clock
from core.ports.database import Database, Stores
from core.ports.deliveries import DeliveryStore
from core.ports.deployments import DeploymentStore
from core.ports.dumps import Dumps
from core.ports.environments import EnvironmentStore
from core.ports.evaluations import EvaluationStore
from core.ports.events import EventStore
from core.ports.experiments import ExperimentStore
from core.ports.files import FileStore
from core.ports.grants import GrantStore
from core.ports.hooks import ChangeHooks, Hook
from core.ports.lifecycles import LifecycleStore
from core.ports.logged_models import LoggedModelStore
from core.ports.metrics import MetricStore
from core.ports.models import ModelStore
from core.ports.namespaces import NamespaceStore
from core.ports.numbered import Numbered
from core.ports.publishers import PublisherStore
from core.ports.runs import RunStore
from core.ports.schemas import SchemaStore
from core.ports.searches import Searched
from core.ports.serve_records import ServeRecordStore
from core.ports.service_accounts import ServiceAccountStore
from core.ports.stored_objects import StoredObjectStore
from core.ports.telemetry import Seen, Telemetry
from core.ports.tokens import TokenVerifier
from core.ports.vaults import Vault
from core.ports.versions import VersionStore
from core.ports.webhooks import WebhookStore

__all__ = [
    "AccessTokenStore",
    "ApprovalStore",
    "ArtifactStore",
    "AuditStore",
    "Blob",
    "BlobStore",
    "ChangeHooks",
    "Channel",
    "CheckpointStore",
    "ClaimStore",
    "Clock",
    "Database",
    "DeliveryStore",
    "DeploymentStore",
    "Dumps",
    "Entry",
    "EnvironmentStore",
    "EvaluationStore",
    "EventStore",
    "ExperimentStore",
    "FileStore",
    "GrantStore",
    "Hook",
    "LifecycleStore",
    "LoggedModelStore",
    "MetricStore",
    "ModelStore",
    "NamespaceStore",
    "Numbered",
    "Part",
    "PublisherStore",
    "RunStore",
    "SchemaStore",
    "Searched",
    "Seen",
    "ServeRecordStore",
    "ServiceAccountStore",
    "SignedRequest",
    "Signer",
    "StoredObjectStore",
    "Stores",
    "Telemetry",
    "TokenVerifier",
    "Vault",
    "VersionStore",
    "WebhookStore",
]
