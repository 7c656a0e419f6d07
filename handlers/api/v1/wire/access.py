"""Decisions and who may do what, as JSON."""

from typing import Any

from core.domain.explanations import Entry, Explanation
from core.domain.rules import Rule


def rule(entity: Rule) -> dict[str, Any]:
    """What permits or denies something: a grant, a publisher, a token's limit."""
    return {
        "origin": entity.origin,
        "name": entity.name,
        "scope": entity.scope,
        "role": entity.role,
        "effect": "deny" if entity.denies else "allow",
        "expires_at": entity.expires_at,
        "because": entity.because,
    }


def explanation(entity: Explanation) -> dict[str, Any]:
    """A decision and why it is so."""
    decision = entity.decision
    return {
        "allowed": decision.allowed,
        "action": decision.action,
        "namespace": decision.place.namespace,
        "model": decision.place.model,
        "reason": entity.reason,
        "rule": None if entity.rule is None else rule(entity.rule),
    }


def entry(entity: Entry) -> dict[str, Any]:
    """A line of who may do what, with the actions that it is about."""
    return {
        **rule(entity.rule),
        "in_force": entity.in_force,
        "actions": sorted(entity.rule.actions),
    }
