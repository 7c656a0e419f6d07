"""What an event is about: the one name under which each entity's history is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Caller
from core.domain.events import Event, SubjectKind, change


@dataclass(frozen=True, slots=True)
class Subject:
    """`name` is readable and unique within its kind: `fraud/churn/3`, `fraud/churn@champion`."""

    kind: SubjectKind
    namespace: str
    name: str

    @property
    def model(self) -> str | None:
        """The model that it is or belongs to; None if it is the whole namespace's."""
        within = self.name.removeprefix(f"{self.namespace}/")
        if within == self.name:
            return None
        match self.kind:
            case SubjectKind.MODEL | SubjectKind.VERSION:
                return within.partition("/")[0]
            case SubjectKind.STAGE:
                return within.partition(":")[0]
            case SubjectKind.ALIAS:
                return within.partition("@")[0]
            case SubjectKind.APPROVAL:
                return within.rpartition(" ")[0]
            case SubjectKind.GRANT:  # 'churn subject:dev:alice': no name of a model has a colon
                return within.partition(":")[0].rpartition(" ")[0]
        return None


def namespace_subject(name: str) -> Subject:
    """A namespace."""
    return Subject(SubjectKind.NAMESPACE, name, name)


def model_subject(namespace: str, model: str) -> Subject:
    """A registered model."""
    return Subject(SubjectKind.MODEL, namespace, f"{namespace}/{model}")


def version_subject(namespace: str, model: str, number: int) -> Subject:
    """A version of a model."""
    return Subject(SubjectKind.VERSION, namespace, f"{namespace}/{model}/{number}")


def alias_subject(namespace: str, model: str, alias: str) -> Subject:
    """An alias of a model."""
    return Subject(SubjectKind.ALIAS, namespace, f"{namespace}/{model}@{alias}")


def grant_subject(scope: str, grantee: str) -> Subject:
    """The role of a grantee in a scope; it belongs to the scope's namespace."""
    return Subject(SubjectKind.GRANT, scope.partition("/")[0], f"{scope} {grantee}")


def schema_subject(namespace: str, model_type: str) -> Subject:
    """The schema of a model type in a namespace."""
    return Subject(SubjectKind.SCHEMA, namespace, f"{namespace} {model_type}")


def lifecycle_subject(namespace: str) -> Subject:
    """The lifecycle of a namespace."""
    return Subject(SubjectKind.LIFECYCLE, namespace, namespace)


def stage_subject(namespace: str, model: str, stage: str) -> Subject:
    """A stage of a model that holds one version."""
    return Subject(SubjectKind.STAGE, namespace, f"{namespace}/{model}:{stage}")


def approval_subject(namespace: str, model: str, approval_id: str) -> Subject:
    """A request for approval."""
    return Subject(SubjectKind.APPROVAL, namespace, f"{namespace}/{model} {approval_id}")


def artifact_subject(namespace: str, id: int) -> Subject:
    """An artifact."""
    return Subject(SubjectKind.ARTIFACT, namespace, f"{namespace} {id}")


def evaluation_subject(namespace: str, model: str, number: int, evaluation_id: str) -> Subject:
    """An evaluation of a version."""
    name = f"{namespace}/{model}/{number}/{evaluation_id}"
    return Subject(SubjectKind.EVALUATION, namespace, name)


def publisher_subject(namespace: str, name: str) -> Subject:
    """A trusted publisher."""
    return Subject(SubjectKind.PUBLISHER, namespace, f"{namespace} {name}")


def account_subject(namespace: str, name: str) -> Subject:
    """A service account."""
    return Subject(SubjectKind.SERVICE_ACCOUNT, namespace, f"{namespace} {name}")


def token_subject(namespace: str, owner: str, token_id: str) -> Subject:
    """An access token; a person's belongs to no namespace (`*`)."""
    return Subject(SubjectKind.TOKEN, namespace, f"{owner} {token_id}")


def webhook_subject(namespace: str, webhook_id: str) -> Subject:
    """A webhook."""
    return Subject(SubjectKind.WEBHOOK, namespace, f"{namespace} {webhook_id}")


def numbered_subject(kind: SubjectKind, namespace: str, number: int) -> Subject:
    """What is known by its decimal id for ever, since its name may change or not be its own:
    an environment, a deployment, an experiment, a run, a logged model."""
    return Subject(kind, namespace, f"{namespace}/{number}")


def subject_of(entity: Any) -> Subject:
    """The subject that an entity is. Raises `TypeError` for what has no history."""
    made = _BY_CLASS.get(type(entity).__name__)
    if made is None:
        raise TypeError(f"no history is kept of {type(entity).__name__}")
    return made(entity)


_BY_CLASS: Mapping[str, Callable[[Any], Subject]] = {
    "Namespace": lambda it: namespace_subject(it.name),
    "RegisteredModel": lambda it: model_subject(it.namespace, it.name),
    "ModelVersion": lambda it: version_subject(it.namespace, it.model, it.number),
    "Alias": lambda it: alias_subject(it.namespace, it.model, it.alias),
    "Grant": lambda it: grant_subject(it.scope, it.grantee),
    "Publisher": lambda it: publisher_subject(it.namespace, it.name),
    "ServiceAccount": lambda it: account_subject(it.namespace, it.name),
    "AccessToken": lambda it: token_subject(it.namespace, it.owner, it.id),
    "Schema": lambda it: schema_subject(it.namespace, it.model_type),
    "Lifecycle": lambda it: lifecycle_subject(it.namespace),
    "Holder": lambda it: stage_subject(it.namespace, it.model, it.stage),
    "Approval": lambda it: approval_subject(it.namespace, it.model, it.id),
    "Artifact": lambda it: artifact_subject(it.namespace, it.id),
    "Evaluation": lambda it: evaluation_subject(it.namespace, it.model, it.number, it.id),
    "Webhook": lambda it: webhook_subject(it.namespace, it.id),
    "Environment": lambda it: numbered_subject(SubjectKind.ENVIRONMENT, it.namespace, it.id),
    "Deployment": lambda it: numbered_subject(SubjectKind.DEPLOYMENT, it.namespace, it.id),
    "Experiment": lambda it: numbered_subject(SubjectKind.EXPERIMENT, it.namespace, it.id),
    "Run": lambda it: numbered_subject(SubjectKind.RUN, it.namespace, it.id),
    "LoggedModel": lambda it: numbered_subject(SubjectKind.LOGGED_MODEL, it.namespace, it.id),
}
"""By the names of their classes: a function that serves one noun imports no other."""


def event_of(
    caller: Caller,
    action: str,
    *,
    at: datetime,
    before: Any = None,
    after: Any = None,
    reason: str = "",
    revision: int | None = None,
) -> Event:
    """The event of one change of an entity; see `change`. One of `before` and `after` is given."""
    subject = subject_of(before if after is None else after)
    return change(
        caller,
        action,
        subject.kind,
        subject.name,
        at=at,
        namespace=subject.namespace,
        before=before,
        after=after,
        reason=reason,
        revision=revision,
    )
