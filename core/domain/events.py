"""Events: append-only facts about who changed what, each written with its change.

They are the history, the audit log and the outbox at once.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from core.domain.access import EVERYWHERE, Caller
from core.domain.documents import is_same
from core.domain.names import check_text
from core.domain.records import record

MAX_REASON_CHARACTERS = 2_000
MAX_ROLES = 50


class SubjectKind(StrEnum):
    """The nouns that events are about."""

    NAMESPACE = "namespace"
    MODEL = "model"
    VERSION = "version"
    ALIAS = "alias"
    GRANT = "grant"
    SCHEMA = "schema"
    LIFECYCLE = "lifecycle"
    STAGE = "stage"
    APPROVAL = "approval"
    ARTIFACT = "artifact"
    EVALUATION = "evaluation"
    PUBLISHER = "publisher"
    SERVICE_ACCOUNT = "service-account"
    TOKEN = "token"
    ENVIRONMENT = "environment"
    DEPLOYMENT = "deployment"
    EXPERIMENT = "experiment"
    RUN = "run"
    WEBHOOK = "webhook"
    LOGGED_MODEL = "logged-model"
    ACCESS = "access"
    DOWNLOAD = "download"


class Outcome(StrEnum):
    """Whether what was asked for was done, or refused by an access decision."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`actor` did `action` to the subject, which was `before` and is `after`.

    `after` is the subject's whole state, so that a single event answers what it was then;
    `before` holds the former values of what changed. A creation has no `before`, a removal no
    `after`. `subject` is readable and unique within its kind: `fraud/churn/3`.

    Who the actor was: `actor_issuer` (its short name in the settings) vouched for
    `actor_subject`, who had `actor_roles` there (`SCOPE:ROLE`). What changed nothing, a refusal
    or a download, has neither `before` nor `after` but `details`.

    Events are sealed as they are: a field added here needs an empty default.
    """

    id: str
    at: datetime
    action: str
    namespace: str
    kind: SubjectKind
    subject: str
    revision: int
    actor: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str = ""
    request_id: str = ""
    dialect: str = ""
    address: str = ""
    actor_issuer: str = ""
    actor_subject: str = ""
    actor_roles: tuple[str, ...] = ()
    outcome: Outcome = Outcome.DONE
    details: Mapping[str, Any] | None = None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def event_id(at: datetime, revision: int = 0) -> str:
    """An id that sorts by time, and for one subject in one millisecond by its revision.

    In hex: 48 bits of milliseconds, 32 of the revision, 48 of chance.
    """
    return f"{_milliseconds(at):012x}{revision & 0xFFFF_FFFF:08x}{secrets.token_hex(6)}"


def last_event_id(at: datetime) -> str:
    """What no id of an event up to and including this moment is greater than."""
    return f"{_milliseconds(at):012x}{'f' * 20}"


def moment_of(event_id: str) -> datetime:
    """The time in an id."""
    return _EPOCH + timedelta(milliseconds=int(event_id[:12], 16))


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def change(
    caller: Caller,
    action: str,
    kind: SubjectKind,
    subject: str,
    *,
    at: datetime,
    namespace: str,
    before: Any = None,
    after: Any = None,
    reason: str = "",
    revision: int | None = None,
) -> Event:
    """The event of one change, from the entities before and after it (None where there is none).

    It is not older than what it tells of: a clock that is behind cannot put it before the change
    that went before. `revision` is that of `after`, unless it is given. Raises `Invalid` for a
    reason that cannot be printed.
    """
    if reason:
        check_text("reason", reason, max_characters=MAX_REASON_CHARACTERS)
    at = max(at, getattr(after, "updated_at", at))
    if revision is None:
        revision = getattr(after if after is not None else before, "revision", 1)
    old = None if before is None else record(before)
    new = None if after is None else record(after)
    if old is not None and new is not None:
        old = {name: value for name, value in old.items() if not is_same(new.get(name), value)}
    return Event(
        id=event_id(at, revision),
        at=at,
        action=action,
        namespace=namespace,
        kind=kind,
        subject=subject,
        revision=revision,
        actor=caller.principal.name,
        before=old,
        after=new,
        reason=reason,
        request_id=caller.request_id,
        dialect=caller.dialect,
        address=caller.address,
        actor_issuer=caller.principal.issuer,
        actor_subject=caller.principal.subject,
        actor_roles=roles_in(caller, namespace),
    )


def roles_in(caller: Caller, namespace: str) -> tuple[str, ...]:
    """The caller's roles that reach into the namespace, as `SCOPE:ROLE`; the first 50."""
    reaching = sorted(
        f"{scope}:{role}"
        for scope, role in caller.roles
        if scope in {EVERYWHERE, namespace} or scope.startswith(f"{namespace}/")
    )
    return tuple(reaching[:MAX_ROLES])
