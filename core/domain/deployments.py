"""A deployment: which version of a model should run in an environment, and which one does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.domain.artifacts import uri_fault
from core.domain.common import DESCRIBING, Described, check_common, moved_on
from core.domain.fields import Field, FieldKind, Fields, common_fields
from core.domain.names import MAX_NAME_CHARACTERS, check_namespace_name, check_text
from core.domain.serve_records import ServeRecord, ServeState
from core.domain.versions import (
    ByAlias,
    Compatible,
    Latest,
    VersionReference,
    parse_reference,
)
from core.errors import Invalid


class DesiredState(StrEnum):
    """What is wanted of a deployment."""

    DEPLOYED = "deployed"
    UNDEPLOYED = "undeployed"


OVER = frozenset({ServeState.COMPLETE, ServeState.FAILED, ServeState.CANCELED})
"""What a version is in that does not serve any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(Described):
    """Identified by its name in the environment, and by a decimal id that no other one ever has.

    Wanted: `desired_state`, and the version that `follows` names: one for ever (`3`, `1.2.0`,
    `sha256:…`), whose number is then `pinned` and its id `pinned_id`, or whichever it
    leads to (`latest`, `@champion`).
    Observed: `traffic`, the numbers of the versions that answer, each with its share in percent,
    and what the last serve record said.
    """

    id: int
    namespace: str
    environment_id: int
    environment: str
    name: str
    model_id: int
    model: str
    follows: str = "latest"
    pinned: int | None = None
    pinned_id: int | None = None
    desired_state: DesiredState = DesiredState.DEPLOYED
    runtime: str | None = None
    observed_state: ServeState = ServeState.UNKNOWN
    traffic: Mapping[str, int] = field(default_factory=dict)
    endpoint: str | None = None
    message: str = ""
    observed_at: datetime | None = None

    @property
    def serving(self) -> int | None:
        """The number of the version that most requests are answered by; None if none is."""
        if not self.traffic:
            return None
        return int(max(self.traffic, key=lambda number: (self.traffic[number], int(number))))

    @property
    def held(self) -> tuple[int, ...]:
        """The numbers of the versions that cannot go without harm to it, in order."""
        numbers = {int(number) for number in self.traffic}
        if self.pinned is not None and self.desired_state is DesiredState.DEPLOYED:
            numbers.add(self.pinned)
        return tuple(sorted(numbers))

    def patchable(self) -> frozenset[str]:
        """The fields that can be changed once the deployment is there."""
        return DESCRIBING | {"follows", "desired_state", "runtime"}

    def free(self) -> frozenset[str]:
        """The fields that hold whatever callers put there."""
        return DESCRIBING

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_text("deployment name", self.name, max_characters=MAX_NAME_CHARACTERS)
        check_common(self)
        if self.runtime is not None:
            check_text("runtime", self.runtime, max_characters=MAX_NAME_CHARACTERS)
        if not isinstance(self.follows, str):
            raise Invalid("A deployment must say which version it follows.", next_step=_FOLLOW)
        parse_reference(self.follows)


_FOLLOW = "Name one version (3, 1.2.0, sha256:…), or follow one: latest, @champion."


def parse_desired_state(text: object) -> DesiredState:
    """Read a state that can be wanted. Raises `Invalid`."""
    if text not in list(DesiredState):
        raise Invalid(
            f"{str(text)[:60]!a} is nothing that a deployment can be wanted to be.",
            next_step=f"Choose one of: {', '.join(DesiredState)}.",
        )
    return DesiredState(str(text))


def moves(reference: VersionReference) -> bool:
    """Whether the reference may lead to another version tomorrow."""
    return isinstance(reference, ByAlias | Compatible | Latest)


def check_endpoint(endpoint: str | None) -> None:
    """Raise `Invalid` for an address that is no http, https or grpc URL, or holds a secret."""
    if endpoint is None:
        return
    scheme, _, rest = endpoint.partition("://")
    fault = uri_fault(f"https://{rest}") if scheme in {"http", "https", "grpc", "grpcs"} else ""
    if fault is not None:
        raise Invalid(
            f"The endpoint {fault or 'must begin with http://, https://, grpc:// or grpcs://'}.",
            next_step="Give the address under which the deployment answers, without credentials.",
        )


def observed(before: Deployment, record: ServeRecord, *, at: datetime, by: str) -> Deployment:
    """The deployment after a serve record was noted; the very same if it tells nothing new.

    Running is what answers: its traffic, or all of it, replaces what was known. A version whose
    time is over answers no more.
    """
    traffic = dict(before.traffic)
    if record.traffic:
        traffic = dict(record.traffic)
    elif record.state is ServeState.RUNNING:
        traffic = {str(record.number): 100}
    elif record.state in OVER:
        traffic.pop(str(record.number), None)
    endpoint = record.endpoint if record.endpoint is not None else before.endpoint
    told = (record.state, traffic, endpoint, record.message)
    if told == (before.observed_state, before.traffic, before.endpoint, before.message):
        return before
    return moved_on(
        before,
        at=at,
        by=by,
        observed_state=record.state,
        traffic=traffic,
        endpoint=endpoint,
        message=record.message,
        observed_at=record.created_at,
    )


DEPLOYMENT_FIELDS = Fields(
    "deployment",
    {
        "name": Field(FieldKind.TEXT, "name"),
        "environment": Field(FieldKind.TEXT, "environment"),
        "environment_id": Field(FieldKind.NUMBER, "environment_id"),
        "model": Field(FieldKind.TEXT, "model"),
        "model_id": Field(FieldKind.NUMBER, "model_id"),
        "follows": Field(FieldKind.TEXT, "follows"),
        "pinned": Field(FieldKind.NUMBER, "pinned", is_optional=True),
        "pinned_id": Field(FieldKind.NUMBER, "pinned_id", is_optional=True),
        "desired_state": Field(FieldKind.TEXT, "desired_state"),
        "observed_state": Field(FieldKind.TEXT, "observed_state"),
        "observed_at": Field(FieldKind.TIME, "observed_at", is_optional=True),
        "runtime": Field(FieldKind.TEXT, "runtime", is_optional=True),
        **common_fields(),
    },
    model="model",
)
"""What of a deployment can be searched."""
