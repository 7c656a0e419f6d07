"""Who may do what: one table of roles, one decision function.

`Caller.require` is the first line of every use case of every dialect.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.claims import Attempt
from core.domain.names import check_text
from core.errors import Forbidden, Invalid, NotFound, Refusal

EVERYWHERE = "*"


class Role(StrEnum):
    """What a grant makes of somebody: four roles in a namespace, two everywhere."""

    READER = "reader"
    WRITER = "writer"
    APPROVER = "approver"
    OWNER = "owner"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Action(StrEnum):
    """What a use case does, as the table of roles knows it."""

    NAMESPACE_READ = "namespace.read"
    NAMESPACE_CREATE = "namespace.create"
    NAMESPACE_UPDATE = "namespace.update"
    GRANT_READ = "grant.read"
    GRANT_CHANGE = "grant.change"
    SCHEMA_CHANGE = "schema.change"
    MODEL_READ = "model.read"
    MODEL_REGISTER = "model.register"
    MODEL_UPDATE = "model.update"
    VERSION_REGISTER = "version.register"
    VERSION_UPDATE = "version.update"
    EVALUATION_REGISTER = "evaluation.register"
    MODEL_ARCHIVE = "model.archive"
    MODEL_DELETE = "model.delete"
    VERSION_ARCHIVE = "version.archive"
    VERSION_DELETE = "version.delete"
    VERSION_DEPRECATE = "version.deprecate"
    ALIAS_CHANGE = "alias.change"
    APPROVAL_REQUEST = "approval.request"
    APPROVAL_COMMENT = "approval.comment"
    APPROVAL_DECIDE = "approval.decide"
    APPROVAL_WITHDRAW = "approval.withdraw"
    APPROVAL_EXPIRE = "approval.expire"
    FILE_READ = "file.read"
    EVENT_READ = "event.read"
    HOLD_CHANGE = "hold.change"
    SYSTEM_GRANT_READ = "system-grant.read"
    SYSTEM_GRANT_CHANGE = "system-grant.change"
    UPLOAD_RECEIVE = "upload.receive"
    UPLOAD_EXPIRE = "upload.expire"
    DELETED_PURGE = "deleted.purge"


_READ = frozenset({Action.NAMESPACE_READ, Action.MODEL_READ, Action.FILE_READ, Action.EVENT_READ})
_WRITE = _READ | {
    Action.MODEL_REGISTER,
    Action.MODEL_UPDATE,
    Action.VERSION_REGISTER,
    Action.VERSION_UPDATE,
    Action.EVALUATION_REGISTER,
    Action.ALIAS_CHANGE,
    Action.MODEL_ARCHIVE,
    Action.VERSION_ARCHIVE,
    Action.VERSION_DEPRECATE,
    Action.APPROVAL_REQUEST,
    Action.APPROVAL_COMMENT,
}
_OWN = _WRITE | {
    Action.NAMESPACE_UPDATE,
    Action.GRANT_READ,
    Action.GRANT_CHANGE,
    Action.SCHEMA_CHANGE,
    Action.MODEL_DELETE,
    Action.VERSION_DELETE,
    Action.APPROVAL_DECIDE,
    Action.APPROVAL_WITHDRAW,
    Action.HOLD_CHANGE,
}
_SYSTEM_ONLY = frozenset(
    {
        Action.UPLOAD_RECEIVE,
        Action.UPLOAD_EXPIRE,
        Action.DELETED_PURGE,
        Action.APPROVAL_EXPIRE,
    }
)

PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.READER: _READ,
    Role.WRITER: _WRITE,
    Role.APPROVER: _READ | {Action.ALIAS_CHANGE, Action.APPROVAL_COMMENT, Action.APPROVAL_DECIDE},
    Role.OWNER: _OWN,
    Role.AUDITOR: _READ | {Action.GRANT_READ, Action.SYSTEM_GRANT_READ},
    Role.ADMIN: frozenset(Action) - _SYSTEM_ONLY,
}
NAMESPACE_ROLES = frozenset({Role.READER, Role.WRITER, Role.APPROVER, Role.OWNER})
SYSTEM_ROLES = frozenset({Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody an issuer vouched for. `issuer` is the short name it has in the settings."""

    issuer: str
    subject: str
    groups: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How events and grants name this principal: `subject:dev:alice`."""
        return f"subject:{self.issuer}:{self.subject}"

    @property
    def grantees(self) -> tuple[str, ...]:
        """Every name under which a grant reaches this principal."""
        return (self.name, *(f"group:{self.issuer}:{group}" for group in self.groups))


@dataclass(frozen=True, slots=True)
class Grant:
    """`grantee` (`subject:ISSUER:NAME` or `group:ISSUER:NAME`) has `role` in `scope`.

    The scope is a namespace's name, or `*` for the two roles that reach everywhere. `revision`
    counts what happened to this grantee in this scope, takings among it.
    """

    scope: str
    grantee: str
    role: Role
    created_at: datetime
    created_by: str
    revision: int = 1

    def __post_init__(self) -> None:
        check_text("grantee", self.grantee, max_characters=512)
        kind, _, rest = self.grantee.partition(":")
        issuer, _, name = rest.partition(":")
        if kind not in {"subject", "group"} or not issuer or not name:
            raise Invalid(
                f"{self.grantee!r} names nobody who can be granted a role.",
                next_step="Write 'subject:ISSUER:NAME' or 'group:ISSUER:NAME'.",
            )
        allowed = SYSTEM_ROLES if self.scope == EVERYWHERE else NAMESPACE_ROLES
        if self.role not in allowed:
            raise Invalid(
                f"The role {self.role} cannot be granted in {self.scope!r}.",
                next_step=f"Choose one of: {', '.join(sorted(allowed))}.",
            )


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's principal, what it has been granted, and where the request came from.

    `attempt` is there if the request is a creation that may be repeated.
    """

    principal: Principal
    roles: frozenset[tuple[str, Role]]
    request_id: str = ""
    dialect: str = ""
    address: str = ""
    is_system: bool = False
    attempt: Attempt | None = None

    @property
    def namespaces(self) -> frozenset[str] | None:
        """The namespaces this caller may see; None means all of them."""
        if any(scope == EVERYWHERE for scope, _ in self.roles):
            return None
        return frozenset(scope for scope, _ in self.roles)

    def may(
        self, action: Action, namespace: str | None = None, *, model: str | None = None
    ) -> bool:
        """The decision: does any role on the model, in its namespace or everywhere permit it?"""
        if self.is_system:
            return action in _SYSTEM_ONLY
        reaching = {EVERYWHERE, namespace}
        if model is not None:
            reaching.add(f"{namespace}/{model}")
        return any(action in PERMISSIONS[role] for scope, role in self.roles if scope in reaching)

    def require(
        self, action: Action, namespace: str | None = None, *, model: str | None = None
    ) -> None:
        """Raise `NotFound` for a namespace the caller may not see, `Forbidden` for the rest.

        The error holds the `Refusal`, which becomes an event (`core.services.refusals`).
        """
        if self.may(action, namespace, model=model):
            return
        refusal = Refusal(action.value, namespace, model)
        if namespace is not None and not self.may(Action.NAMESPACE_READ, namespace):
            raise NotFound(
                f"There is no namespace {namespace!r} that you can read.",
                next_step="Check its name, or ask an owner of it for a role.",
                refusal=refusal,
            )
        where = f" in the namespace {namespace!r}" if namespace else ""
        needed = sorted(role for role, actions in PERMISSIONS.items() if action in actions)
        raise Forbidden(
            f"{self.principal.name} may not do {action}{where}.",
            next_step=f"It needs one of the roles: {', '.join(needed) or 'none can'}.",
            refusal=refusal,
        )


def system_caller(name: str, request_id: str = "") -> Caller:
    """The registry itself, acting on a storage event or on schedule."""
    return Caller(Principal("modelry", name), frozenset(), request_id, "system", is_system=True)
