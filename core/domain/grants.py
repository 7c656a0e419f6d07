"""Grants: who has which role where, or is denied it, and until when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.access import (
    DENIALS,
    NAMESPACE_ROLES,
    PERMISSIONS,
    SYSTEM_ROLES,
    Action,
    Role,
)
from core.domain.moments import shown
from core.domain.names import check_model_name, check_namespace_name, check_text
from core.domain.rules import EVERYWHERE, Origin, Rule, place_of
from core.errors import Invalid


class Effect(StrEnum):
    """What a grant does with the role it names; a denial wins over whatever allows."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Grant:
    """`grantee` (`subject:ISSUER:NAME` or `group:ISSUER:NAME`) has `role` in `scope`, or is
    denied it, until `expires_at`.

    The scope is a namespace's name, one model's (`namespace/model`), or `*`: there two roles can
    be given, and each can be denied. `revision` counts what happened to this grantee in this
    scope, takings among it.
    """

    scope: str
    grantee: str
    role: Role
    created_at: datetime
    created_by: str
    revision: int = 1
    effect: Effect = Effect.ALLOW
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        check_text("grantee", self.grantee, max_characters=512)
        kind, _, rest = self.grantee.partition(":")
        issuer, _, name = rest.partition(":")
        if kind not in {"subject", "group"} or not issuer or not name:
            raise Invalid(
                f"{self.grantee!r} names nobody who can be granted a role.",
                next_step="Write 'subject:ISSUER:NAME' or 'group:ISSUER:NAME'.",
            )
        check_scope(self.scope)
        allowed = SYSTEM_ROLES if self.scope == EVERYWHERE else NAMESPACE_ROLES
        if self.effect is Effect.DENY and self.scope == EVERYWHERE:
            allowed = frozenset(Role)
        if self.role not in allowed:
            raise Invalid(
                f"The role {self.role} cannot be granted in {self.scope!r}.",
                next_step=f"Choose one of: {', '.join(sorted(allowed))}.",
            )

    @property
    def key(self) -> str:
        """What is unique among grants: the scope and the grantee."""
        return f"{self.scope} {self.grantee}"

    def says(self, other: "Grant") -> bool:
        """Whether both mean the same for a decision."""
        return self.rule == other.rule

    @property
    def rule(self) -> Rule:
        """What it means for a decision."""
        denies = self.effect is Effect.DENY
        return Rule(
            Origin.GRANT,
            self.grantee,
            self.scope,
            DENIALS[self.role] if denies else _given(self.role, self.scope),
            role=self.role,
            denies=denies,
            expires_at=self.expires_at,
        )


def check_end(expires_at: datetime | None, now: datetime) -> None:
    """Raise `Invalid` for an end that has passed already."""
    if expires_at is not None and expires_at <= now:
        raise Invalid(
            f"{shown(expires_at)} has passed: here it is {shown(now)}.",
            next_step="Give a later end, or none.",
        )


def check_scope(scope: str) -> str:
    """Return the scope if it is `*`, a namespace or `namespace/model`; raise `Invalid`."""
    if scope != EVERYWHERE:
        namespace, slash, model = scope.partition("/")
        check_namespace_name(namespace)
        if slash:
            check_model_name(model)
    return scope


def _given(role: Role, scope: str) -> frozenset[Action]:
    """What a role permits in a scope: whoever has it for one model creates no others."""
    if place_of(scope).model is None:
        return PERMISSIONS[role]
    return PERMISSIONS[role] - {Action.MODEL_REGISTER}
