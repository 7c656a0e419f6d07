"""Webhooks: who is told of what happens in a namespace, and where."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from core.domain.addresses import check_host
from core.domain.events import Event, SubjectKind
from core.domain.mlflow_messages import check_mlflow_event, told_to_mlflow
from core.domain.names import (
    check_label,
    check_model_name,
    check_namespace_name,
    check_stage_name,
    check_text,
)
from core.domain.subjects import Subject
from core.errors import Invalid

MAX_FILTERS = 50
MAX_URL_CHARACTERS = 2_048

_ACTION = re.compile(r"\*|[a-z-]+\.(?:\*|[a-z-]+)")
_PLACE = re.compile(r"[\x21-\x7e]+")


class WebhookState(StrEnum):
    """Whether anything is sent. What happens while it is disabled is sent when it is active again,
    as long as the log is kept."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Format(StrEnum):
    """What is sent: CloudEvents, or what receivers made for MLflow's webhooks take."""

    CLOUDEVENTS = "cloudevents"
    MLFLOW = "mlflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Tells `target`, a URL or the name of a target of the settings, of the namespace's events.

    `events` are actions: `version.ready`, `alias.*`, `*`; of MLflow's format its own names. With
    `models` or `stages` only what is about one of these models, or about a version in, to or from
    one of these stages, is told.
    Its secret is no part of it: no event, list or answer ever holds that.
    """

    id: str
    namespace: str
    name: str
    description: str = ""
    target: str
    events: tuple[str, ...] = ("*",)
    models: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    format: Format = Format.CLOUDEVENTS
    state: WebhookState = WebhookState.ACTIVE
    former_secret_until: datetime | None = None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int = 1

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_text("webhook's name", self.name, max_characters=128)
        if self.description:
            check_text("description", self.description, max_characters=2_000)
        if self.is_url:
            check_url(self.target)
        else:
            check_label("target", self.target)
        if not self.events:
            raise Invalid("It is to be told of nothing.", next_step="Name events, or '*'.")
        for what in ("events", "models", "stages"):
            if len(getattr(self, what)) > MAX_FILTERS:
                raise Invalid(f"There are over {MAX_FILTERS} {what}.", next_step="Name fewer.")
        for action in self.events:
            if self.format is Format.MLFLOW:
                check_mlflow_event(action)
            else:
                _check_action(action)
        for model in self.models:
            check_model_name(model)
        for stage in self.stages:
            check_stage_name(stage)

    @property
    def is_url(self) -> bool:
        """Whether it is told by HTTP."""
        return ":" in self.target

    def wants(self, event: Event) -> bool:
        """Whether it is to be told of the event."""
        if event.namespace != self.namespace or not self._is_named(event):
            return False
        subject = Subject(event.kind, event.namespace, event.subject)
        if self.models and subject.model not in self.models:
            return False
        return not self.stages or bool(stages_of(event) & set(self.stages))

    def _is_named(self, event: Event) -> bool:
        if self.format is Format.MLFLOW:
            return any(name in self.events for name, _ in told_to_mlflow(event))
        return any(
            action == event.action or (action[-1] == "*" and event.action.startswith(action[:-1]))
            for action in self.events
        )


def stages_of(event: Event) -> set[str]:
    """The stages that an event is about: a version's, before and after; a stage; that which an
    approval is asked for."""
    if event.kind is SubjectKind.STAGE:
        return {event.subject.rpartition(":")[2]}
    names = {SubjectKind.VERSION: "stage", SubjectKind.APPROVAL: "to_stage"}
    name = names.get(event.kind)
    if name is None:
        return set()
    return {str(state[name]) for state in (event.before, event.after) if state and state.get(name)}


def check_url(url: str) -> None:
    """Raise `Invalid` for what is no address of a receiver, whoever it belongs to.

    Everything that two parsers could read in two ways is refused.
    """
    fault = _fault(url)
    if fault:
        raise Invalid(
            f"The target {url[:80]!a} {fault}.",
            next_step="Give the https address of a receiver: https://example.com/hooks/modelry.",
            problems=[("target", fault)],
        )
    check_host(urlsplit(url).hostname or "")


def _fault(url: str) -> str | None:
    if len(url) > MAX_URL_CHARACTERS:
        return f"is over {MAX_URL_CHARACTERS} characters"
    if not _PLACE.fullmatch(url) or "\\" in url:
        return "holds a character that does not belong into a URL"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in {"https", "http"}:
        return "is not of the scheme https"
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password"
    if parts.fragment or url.endswith("#"):
        return "has a fragment"
    if not parts.hostname or port == 0:
        return "names no host"
    return None


def _check_action(action: str) -> None:
    if not _ACTION.fullmatch(action):
        raise Invalid(
            f"{action[:60]!a} is no event.",
            next_step="Write them as version.ready, alias.* or *; `modelry audit list` shows some.",
        )
