"""Decisions in words: which grant, which claim; and who may do what in a namespace."""

from dataclasses import dataclass

from core.domain.access import PERMISSIONS, Action, Caller
from core.domain.moments import shown
from core.domain.rules import Decision, Origin, Rule


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, why it is so, and the rule behind it as far as the caller may know of it."""

    decision: Decision
    reason: str
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of who may do what: a rule, and whether it is in force at the moment."""

    rule: Rule
    in_force: bool


def explain(
    caller: Caller, action: Action, namespace: str | None = None, model: str | None = None
) -> Explanation:
    """Whether the caller may do it, and why.

    A denial by which something is hidden from the caller is not named: that something is there
    to be hidden is no business of theirs.
    """
    decision = caller.decide(action, namespace, model)
    rule = decision.rule
    if not decision.allowed and rule is not None and rule.denies:
        is_hidden = namespace is not None and not caller.may(Action.MODEL_READ, namespace, model)
        if rule.cuts(decision.place) or is_hidden:
            rule = None
    return Explanation(decision, _reason(decision, rule), rule)


def _reason(decision: Decision, rule: Rule | None) -> str:
    if rule is None:
        needed = ", ".join(_roles(decision.action))
        return f"Nothing that reaches you allows it there; it needs one of the roles: {needed}."
    end = "" if rule.expires_at is None else f" until {shown(rule.expires_at)}"
    what = f"the role {rule.role}" if rule.role else "exactly this"
    match rule.origin:
        case Origin.CONFIGURATION:
            return f"You are an administrator by the settings of the registry ({rule.name})."
        case Origin.PUBLISHER:
            claims = ", ".join(rule.because)
            return f"The publisher {rule.name!r} allows {what}{end}; your token has {claims}."
        case Origin.TOKEN:
            return f"Your token {rule.name} is for {what} in {rule.scope!r}, whatever else you may."
    if rule.denies:
        return f"A grant denies {rule.name} {what} in {rule.scope!r}{end}, and a denial wins."
    return f"A grant gives {rule.name} {what} in {rule.scope!r}{end}."


def _roles(action: str) -> list[str]:
    return sorted(role for role, actions in PERMISSIONS.items() if action in actions) or ["none"]
