"""What the memory database holds: dictionaries of frozen entities, scanned and sorted."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from core.domain.access_tokens import AccessToken, Keyed
from core.domain.approvals import Approval
from core.domain.artifacts import Artifact
from core.domain.checkpoints import Batch, Checkpoint
from core.domain.claims import Claim
from core.domain.deliveries import Cursor, Delivery
from core.domain.deployments import Deployment
from core.domain.environments import Environment
from core.domain.evaluations import Evaluation, EvaluationReport
from core.domain.events import Event
from core.domain.experiments import Experiment
from core.domain.files import File
from core.domain.grants import Grant
from core.domain.ledger import Ledger
from core.domain.lifecycles import Lifecycle
from core.domain.logged_models import LoggedModel
from core.domain.metrics import MetricPoint, Summary
from core.domain.models import RegisteredModel
from core.domain.namespaces import Namespace
from core.domain.publishers import Publisher
from core.domain.runs import Run
from core.domain.schemas import Schema
from core.domain.serve_records import ServeRecord
from core.domain.service_accounts import ServiceAccount
from core.domain.stored_objects import StoredObject
from core.domain.versions import ModelVersion
from core.domain.webhooks import Webhook
from core.errors import Stale, Taken

K = TypeVar("K")
E = TypeVar("E")


@dataclass(slots=True)
class Tables:
    """All that is stored, and which entities of this copy were changed."""

    namespaces: dict[str, Namespace] = field(default_factory=dict)
    models: dict[tuple[str, str], RegisteredModel] = field(default_factory=dict)
    versions: dict[tuple[str, str, int], ModelVersion] = field(default_factory=dict)
    files: dict[tuple[int, str], File] = field(default_factory=dict)
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    publishers: dict[tuple[str, str], Publisher] = field(default_factory=dict)
    service_accounts: dict[tuple[str, str], ServiceAccount] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    kept_of_tokens: dict[str, Keyed] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    webhooks: dict[str, tuple[Webhook, str]] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    schemas: dict[tuple[str, str], Schema] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    artifacts: dict[int, Artifact] = field(default_factory=dict)
    withdrawn_artifacts: set[tuple[str, str, int | None]] = field(default_factory=set)
    withdrawn_runs: set[tuple[int, int | None]] = field(default_factory=set)
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    reports: dict[str, EvaluationReport] = field(default_factory=dict)
    lifecycles: dict[str, Lifecycle] = field(default_factory=dict)
    environments: dict[int, Environment] = field(default_factory=dict)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    serve_records: dict[int, ServeRecord] = field(default_factory=dict)
    experiments: dict[int, Experiment] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    logged_models: dict[int, LoggedModel] = field(default_factory=dict)
    withdrawn_logged_models: set[int] = field(default_factory=set)
    withdrawn_experiments: set[int] = field(default_factory=set)
    points: dict[tuple[int, str, str], MetricPoint] = field(default_factory=dict)
    summaries: dict[tuple[int, str, int, int], Summary] = field(default_factory=dict)
    stored_objects: dict[str, StoredObject] = field(default_factory=dict)
    withdrawn: set[tuple[str, str]] = field(default_factory=set)
    accesses: dict[str, Event] = field(default_factory=dict)
    tallies: dict[str, int] = field(default_factory=dict)
    held: set[tuple[str, str]] = field(default_factory=set)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    batches: dict[int, Batch] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def copy(self) -> "Tables":
        """A copy to work on: the entities are frozen, so that copying the tables is enough."""
        tables = {each.name: getattr(self, each.name) for each in fields(self)}
        del tables["ledger"]
        return Tables(**{name: type(table)(table) for name, table in tables.items()})


Use = Callable[[bool], AbstractContextManager[Tables]]
"""Opens the tables, for reading or (True) for changing entities; or raises."""


@dataclass(frozen=True, slots=True)
class MemoryStore:
    """One noun's store, over the tables that `use` opens."""

    use: Use


def insert(table: dict[K, E], key: K, entity: E, what: str) -> None:
    """Raise `Taken`, saying `what` is, if the key is in use."""
    if key in table:
        raise _taken(what)
    table[key] = entity


def replace_entity(table: dict[K, Any], key: K, entity: Any, what: str) -> None:
    """Compare-and-set on the revision. Raise `Stale`, saying `what` is."""
    stored = table.get(key)
    if stored is None or stored.revision != entity.revision - 1:
        raise Stale(
            f"The {what} is not at revision {entity.revision - 1} any more.",
            next_step="Read it again and repeat the change on what you see.",
        )
    table[key] = entity


def check_external_id(table: Mapping[Any, Any], entity: Any) -> None:
    """Raise `Taken` if another object of the namespace has the external id."""
    if entity.external_id is None:
        return
    for other in table.values():
        same = (other.namespace, other.external_id) == (entity.namespace, entity.external_id)
        if same and other.id != entity.id:
            raise _taken("external id")


def _taken(what: str) -> Taken:
    return Taken(f"The {what} is taken.", next_step="Choose another one, or use what exists.")


def is_after(key: str, start: str | None) -> bool:
    """Whether a page that begins after `start` holds the key."""
    return start is None or key > start
