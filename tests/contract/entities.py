"""Entities with valid defaults, and the one way to store them: with an event."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from core.domain.access import Role, system_caller
from core.domain.access_tokens import AccessToken, TokenKind
from core.domain.approvals import Approval
from core.domain.artifacts import Artifact
from core.domain.deliveries import Cursor, Delivery
from core.domain.deployments import Deployment
from core.domain.environments import Environment
from core.domain.evaluations import Dataset, Evaluation, EvaluationReport
from core.domain.events import Event, SubjectKind, change
from core.domain.experiments import Experiment
from core.domain.files import File
from core.domain.grants import Grant
from core.domain.lifecycles import Lifecycle, default_lifecycle
from core.domain.logged_models import LoggedModel
from core.domain.metrics import MetricPoint
from core.domain.models import RegisteredModel
from core.domain.namespaces import Namespace
from core.domain.publishers import Platform, Publisher
from core.domain.runs import Run
from core.domain.schemas import Schema
from core.domain.serve_records import ServeRecord
from core.domain.service_accounts import ServiceAccount
from core.domain.stored_objects import StoredObject
from core.domain.subjects import event_of
from core.domain.versions import ModelVersion
from core.domain.webhooks import Webhook
from core.ports import Database, Stores

NOW = datetime(2026, 5, 6, 7, 8, 9, 123_000, UTC)
AUTHORED: dict[str, Any] = {
    "created_at": NOW,
    "created_by": "subject:dev:alice",
    "updated_at": NOW,
    "updated_by": "subject:dev:alice",
}
_ids = count(1_000)
TEST = system_caller("test", "request")


def namespace(name: str = "fraud", **fields: Any) -> Namespace:
    return Namespace(name=name, **{**AUTHORED, **fields})


def model(name: str = "iris", **fields: Any) -> RegisteredModel:
    values = {"id": next(_ids), "namespace": "fraud", **AUTHORED, **fields}
    return RegisteredModel(name=name, **values)


def version(number: int = 1, **fields: Any) -> ModelVersion:
    place = {"namespace": "fraud", "model": "iris", **fields}
    values = {
        "id": next(_ids),
        "model_id": 1,
        "key_prefix": f"{place['namespace']}/{place['model']}/{number}",
        **AUTHORED,
        **place,
    }
    return ModelVersion(number=number, **values)


def artifact(name: str = "weights", **fields: Any) -> Artifact:
    values = {"id": next(_ids), "namespace": "fraud", "kind": "model", **AUTHORED, **fields}
    return Artifact(name=name, **values)


def file(path: str = "model.bin", version_id: int = 1, **fields: Any) -> File:
    values = {
        "namespace": "fraud",
        "size_bytes": 4,
        "sha256": digest(path),
        "key": f"fraud/iris/{version_id}/{path}",
        **fields,
    }
    return File(path=path, version_id=version_id, **values)


def grant(grantee: str = "subject:dev:alice", scope: str = "fraud", **fields: Any) -> Grant:
    values = {"role": Role.WRITER, "created_at": NOW, "created_by": "subject:dev:bob", **fields}
    return Grant(scope=scope, grantee=grantee, **values)


def publisher(name: str = "release", **fields: Any) -> Publisher:
    values: dict[str, Any] = {
        "namespace": "fraud",
        "issuer": "kubernetes",
        "platform": Platform.KUBERNETES,
        "claims": {"kubernetes.io/namespace": "a", "kubernetes.io/serviceaccount/name": "b"},
        "role": Role.WRITER,
        **AUTHORED,
        **fields,
    }
    return Publisher(name=name, **values)


def account(name: str = "deployer", **fields: Any) -> ServiceAccount:
    return ServiceAccount(name=name, **{"namespace": "fraud", **AUTHORED, **fields})


def access_token(token_id: str = "0123456789", **fields: Any) -> AccessToken:
    values: dict[str, Any] = {
        "kind": TokenKind.SERVICE,
        "owner": "subject:modelry:fraud/deployer",
        "name": "first",
        "created_at": NOW,
        "created_by": "subject:dev:alice",
        "expires_at": later(60),
        **fields,
    }
    return AccessToken(id=token_id, **values)


def webhook(webhook_id: str = "1", **fields: Any) -> Webhook:
    values: dict[str, Any] = {
        "namespace": "fraud",
        "name": "chat",
        "target": "https://example.com/hook",
        **AUTHORED,
        **fields,
    }
    return Webhook(id=webhook_id, **values)


def delivery(event_id: str = "e1", **fields: Any) -> Delivery:
    values: dict[str, Any] = {
        "webhook_id": "1",
        "action": "model.registered",
        "subject": "model fraud/iris",
        "created_at": NOW,
        "expires_at": datetime.now(UTC) + timedelta(days=1),
        **fields,
    }
    return Delivery(event_id=event_id, **values)


def cursor(webhook_id: str = "1", **fields: Any) -> Cursor:
    values: dict[str, Any] = {"namespace": "fraud", "floor": "0", "due_at": NOW, **fields}
    return Cursor(webhook_id=webhook_id, **values)


def schema(model_type: str = "classifier", **fields: Any) -> Schema:
    values = {"namespace": "fraud", "document": {"$defs": {"a.b": {}}}, **AUTHORED, **fields}
    return Schema(model_type=model_type, **values)


def lifecycle(namespace: str = "fraud", **fields: Any) -> Lifecycle:
    default = default_lifecycle(namespace)
    return replace(default, **{**AUTHORED, "revision": 1, **fields})


def approval(id: str = "1", number: int = 1, **fields: Any) -> Approval:
    values: dict[str, Any] = {
        "namespace": "fraud",
        "model": "iris",
        "from_stage": "Staging",
        "to_stage": "Production",
        "author": "subject:dev:alice",
        "requested_by": "subject:dev:bob",
        "requested_at": NOW,
        "digest": "sha256:0",
        "expires_at": NOW + timedelta(days=7),
        "updated_at": NOW,
        "updated_by": "subject:dev:bob",
    }
    return Approval(id=id, number=number, **{**values, **fields})


def evaluation(number: int = 1, dataset: str = "holdout", **fields: Any) -> Evaluation:
    evaluation_id = fields.get("id", f"{next(_ids):028x}")
    values = {
        "id": evaluation_id,
        "namespace": "fraud",
        "model": "iris",
        "dataset": Dataset(name=dataset, rows=10),
        "metrics": {"accuracy": 0.9, "a.b": 1},
        "evaluator": "sklearn",
        "evaluated_at": NOW,
        "digest": f"sha256:{digest(evaluation_id)}",
        "size_bytes": 2,
        "created_at": NOW,
        "created_by": "subject:dev:alice",
        **fields,
    }
    return Evaluation(number=number, **values)


def report(of: Evaluation, document: Any = None) -> EvaluationReport:
    return EvaluationReport(id=of.id, document=document or {"notes": "x", "$a.b": [{"%.": 1}]})


def environment(name: str = "prod", **fields: Any) -> Environment:
    values = {"id": next(_ids), "namespace": "fraud", **AUTHORED, **fields}
    return Environment(name=name, **values)


def deployment(name: str = "web", **fields: Any) -> Deployment:
    place = {"environment_id": 1, "environment": "prod", "model_id": 1, "model": "iris"}
    values = {"id": next(_ids), "namespace": "fraud", **place, **AUTHORED, **fields}
    return Deployment(name=name, **values)


def serve_record(name: str = "first", **fields: Any) -> ServeRecord:
    place = {"deployment_id": 1, "model": "iris", "number": 1, "version_id": 1}
    values = {"id": next(_ids), "namespace": "fraud", **place, **AUTHORED, **fields}
    return ServeRecord(name=name, **values)


def experiment(name: str = "first", **fields: Any) -> Experiment:
    values = {"id": next(_ids), "namespace": "fraud", **AUTHORED, **fields}
    return Experiment(name=name, **values)


def run(name: str = "try", **fields: Any) -> Run:
    values = {"id": next(_ids), "namespace": "fraud", "experiment_id": 1, **AUTHORED, **fields}
    return Run(name=name, **values)


def logged_model(name: str = "net", **fields: Any) -> LoggedModel:
    values = {"id": next(_ids), "namespace": "fraud", "experiment_id": 1, **AUTHORED, **fields}
    return LoggedModel(name=name, **values)


def point(step: int = 0, value: float = 0.5, key: str = "loss", **fields: Any) -> MetricPoint:
    return MetricPoint(step=step, value=value, key=key, **{"run_id": 1, "at": NOW, **fields})


def stored_object(key: str, size_bytes: int = 3, **fields: Any) -> StoredObject:
    return StoredObject(
        key=key, size_bytes=size_bytes, **{"sha256": "ab" * 32, "at": NOW, **fields}
    )


def event(
    subject: str = "fraud/iris",
    kind: SubjectKind = SubjectKind.MODEL,
    *,
    at: datetime = NOW,
    namespace: str = "fraud",
    **states: Any,
) -> Event:
    return change(TEST, "test", kind, subject, at=at, namespace=namespace, **states)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Telling:
    """The stores of a transaction, which add the event of each change that is made."""

    def __init__(self, stores: Stores) -> None:
        self.files, self.events, self.claims = stores.files, stores.events, stores.claims
        self.audit, self.serve_records = stores.audit, stores.serve_records
        self.metrics, self.stored_objects = stores.metrics, stores.stored_objects
        self.deliveries = stores.deliveries
        nouns = ("namespaces", "models", "versions", "grants", "schemas", "approvals")
        more = ("publishers", "service_accounts", "access_tokens", "evaluations", "artifacts")
        for noun in (
            *nouns,
            *more,
            "lifecycles",
            "environments",
            "deployments",
            "experiments",
            "runs",
            "webhooks",
            "logged_models",
        ):
            kind = _REMOVED.get(noun, SubjectKind.SCHEMA)
            setattr(self, noun, _TellingStore(getattr(stores, noun), stores.events, kind))


_REMOVED = {"grants": SubjectKind.GRANT, "publishers": SubjectKind.PUBLISHER}


class _TellingStore:
    def __init__(self, store: Any, events: Any, kind: SubjectKind) -> None:
        self._store, self._events, self._kind = store, events, kind

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        return self._told(method) if name in {"insert", "replace", "put"} else method

    def _told(self, method: Callable[..., None]) -> Callable[..., None]:
        def change_and_tell(entity: Any, *more: Any) -> None:
            method(entity, *more)
            self._events.add(told(entity))

        return change_and_tell

    def remove(self, scope: str, name: str) -> None:
        self._store.remove(scope, name)
        namespace = scope.partition("/")[0]
        self._events.add(event(f"{scope} {name}", self._kind, namespace=namespace))


def told(entity: Any) -> Event:
    """The event that an entity is now as it is given."""
    return event_of(TEST, "test", at=NOW, after=entity)


def commit(database: Database, *writes: Callable[[Any], None]) -> None:
    """Do all of the writes in one transaction, each with its event."""

    def work(stores: Stores) -> None:
        for write in writes:
            write(Telling(stores))

    database.transaction(work)


def store(database: Database, *entities: Any) -> None:
    """Insert these, whatever they are."""

    def work(stores: Any) -> None:
        for entity in entities:
            match entity:
                case Namespace():
                    stores.namespaces.insert(entity)
                case RegisteredModel():
                    stores.models.insert(entity)
                case ModelVersion():
                    stores.versions.insert(entity)
                case File():
                    stores.files.insert([entity])
                case Grant():
                    stores.grants.put(entity)
                case Schema():
                    stores.schemas.put(entity)
                case Artifact():
                    stores.artifacts.insert(entity)
                case Lifecycle():
                    stores.lifecycles.put(entity)
                case Approval():
                    stores.approvals.insert(entity)
                case Evaluation():
                    stores.evaluations.insert(entity, report(entity))
                case Publisher():
                    stores.publishers.put(entity)
                case ServiceAccount():
                    stores.service_accounts.insert(entity)
                case Webhook():
                    stores.webhooks.insert(entity, "")
                case Environment():
                    stores.environments.insert(entity)
                case Deployment():
                    stores.deployments.insert(entity)
                case ServeRecord():
                    stores.serve_records.insert(entity)
                case Experiment():
                    stores.experiments.insert(entity)
                case Run():
                    stores.runs.insert(entity)
                case LoggedModel():
                    stores.logged_models.insert(entity)
                case Event():
                    stores.events.add(entity)

    commit(database, work)
