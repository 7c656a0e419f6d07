"""Who may do what: one decision function, by the table of `core.domain.roles`.

`Caller.require` is the first line of every use case of every dialect.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.domain.claims import Attempt
from core.domain.principals import Principal
from core.domain.roles import (
    DENIALS,
    NAMESPACE_ROLES,
    OF_NAMESPACES,
    PERMISSIONS,
    SYSTEM_ONLY,
    SYSTEM_ROLES,
    Action,
    Role,
)
from core.domain.rules import (
    EVERYWHERE,
    Decision,
    Origin,
    Place,
    Reach,
    Rule,
    decide,
    reach,
)
from core.errors import Forbidden, NotFound, Refusal

__all__ = [
    "CONFIGURED",
    "DENIALS",
    "EVERYWHERE",
    "NAMESPACE_ROLES",
    "PERMISSIONS",
    "SYSTEM_ROLES",
    "Action",
    "Caller",
    "Principal",
    "Role",
    "no_model",
    "no_namespace",
    "system_caller",
]


CONFIGURED = Rule(
    Origin.CONFIGURATION,
    "MODELRY_ADMINS",
    EVERYWHERE,
    PERMISSIONS[Role.ADMIN],
    role=Role.ADMIN,
)
"""The rule of administrators by configuration, whom no grant can lock out."""

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's principal, the rules that reach it, and where the request came from.

    `at` is when the request came: what ends has ended by then or has not. `within`, of a token
    that is narrower than its owner, is what it may be used for at most. `attempt` is there if the
    request is a creation that may be repeated.
    """

    principal: Principal
    rules: tuple[Rule, ...]
    request_id: str = ""
    dialect: str = ""
    address: str = ""
    is_system: bool = False
    attempt: Attempt | None = None
    at: datetime = _NEVER
    within: Rule | None = None

    @property
    def roles(self) -> frozenset[tuple[str, Role]]:
        """The roles that are in force, each with its scope."""
        return frozenset(
            (rule.scope, Role(rule.role))
            for rule in self.rules
            if rule.role is not None and not rule.denies and rule.is_in_force(self.at)
        )

    def decide(
        self, action: Action, namespace: str | None = None, model: str | None = None
    ) -> Decision:
        """Whether the caller may do it to the model, the namespace or (neither) the registry,
        and which rule says so."""
        place = Place(namespace, model)
        if self.is_system:
            return Decision(action in SYSTEM_ONLY, action, place)
        if self.within is not None and not self._is_within(self.within, action, place):
            return Decision(False, action, place, self.within)
        wholly = action not in OF_NAMESPACES
        decision = decide(self.rules, action, place, self.at, wholly=wholly)
        if action is Action.NAMESPACE_SEE and namespace is not None and decision.rule is None:
            for single in sorted(self.reach().singled(namespace)):
                seen = decide(self.rules, Action.MODEL_READ, Place(namespace, single), self.at)
                return replace(seen, action=action, place=place)
        return decision

    def reach(self, action: Action = Action.MODEL_READ) -> Reach:
        """Where the caller may do it: what lists and searches go by."""
        if self.is_system:
            return Reach()
        found = reach(self.rules, action, self.at)
        return found if self.within is None else found.narrowed(self.within, action, self.at)

    def may(self, action: Action, namespace: str | None = None, model: str | None = None) -> bool:
        """Whether the caller may do it; see `decide`."""
        return self.decide(action, namespace, model).allowed

    def require(
        self, action: Action, namespace: str | None = None, model: str | None = None
    ) -> None:
        """Raise `NotFound` for what the caller may not see, `Forbidden` for the rest.

        The error holds the `Refusal`, which becomes an event (`core.services.refusals`).
        """
        decision = self.decide(action, namespace, model)
        if decision.allowed:
            return
        refusal = Refusal(action.value, namespace, model)
        if namespace is not None and not self.may(Action.NAMESPACE_SEE, namespace):
            raise no_namespace(namespace, refusal)
        is_new = action is Action.MODEL_REGISTER
        if model is not None and not is_new and not self.may(Action.MODEL_READ, namespace, model):
            raise no_model(str(namespace), model, refusal)
        raise self._forbidden(decision, refusal)

    def _is_within(self, limit: Rule, action: Action, place: Place) -> bool:
        if action is Action.NAMESPACE_SEE and limit.cuts(place):
            return limit.is_in_force(self.at)
        return decide([limit], action, place, self.at).allowed

    def _forbidden(self, decision: Decision, refusal: Refusal) -> Forbidden:
        place, rule = decision.place, decision.rule
        where = "" if place.namespace is None else f" in the namespace {place.namespace!r}"
        if place.model is not None:
            where = f" to the model {place.model!r}{where}"
        if rule is not None and rule.denies:
            why = f"A grant denies it: {rule.name} in {rule.scope!r}."
            if rule.cuts(place):  # and which model that is, the caller may not know
                why = "A grant denies it for a part of the namespace: ask for one model."
        elif rule is not None:
            why = f"The token is for {rule.role or 'less'} in {rule.scope!r}: use a wider one."
        else:
            needed = sorted(
                role for role, actions in PERMISSIONS.items() if decision.action in actions
            )
            why = f"It needs one of the roles: {', '.join(needed) or 'none can'}."
        return Forbidden(
            f"{self.principal.name} may not do {decision.action}{where}.",
            next_step=why,
            refusal=refusal,
        )


def no_namespace(name: str, refusal: Refusal | None = None) -> NotFound:
    """The error for a namespace that is not there, or that the caller may not know of."""
    return NotFound(
        f"There is no namespace {name!r} that you can read.",
        next_step="Check its name. An owner of it can give you a role, an administrator create it.",
        refusal=refusal,
    )


def no_model(namespace: str, name: str, refusal: Refusal | None = None) -> NotFound:
    """The error for a model that is not there, or that the caller may not know of."""
    return NotFound(
        f"There is no model {name!r} in the namespace {namespace!r}.",
        next_step="Check its name, or register it first.",
        refusal=refusal,
    )


def system_caller(name: str, request_id: str = "") -> Caller:
    """The registry itself, acting on a storage event or on schedule."""
    return Caller(Principal("modelry", name), (), request_id, "system", is_system=True)
