"""The one decision: rules that permit or deny, a place, a moment; and which rule decided.

Deny wins, whatever its scope. What no rule permits is refused. Nothing here reads a clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

EVERYWHERE = "*"


class Origin(StrEnum):
    """Where a rule comes from."""

    GRANT = "grant"
    CONFIGURATION = "configuration"
    PUBLISHER = "publisher"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Place:
    """What something is done to: a model, a whole namespace, or (neither) the registry."""

    namespace: str | None = None
    model: str | None = None

    def __str__(self) -> str:
        return scope_of(self.namespace, self.model)


@dataclass(frozen=True, slots=True)
class Rule:
    """`actions` are permitted, or denied, in a scope until `expires_at`.

    The scope is a namespace, one model (`namespace/model`), or `*`. `name` says which grant,
    publisher or token it is; `role` is the role that stands for the actions, if one does;
    `because` the claims that made a publisher's rule reach the caller.
    """

    origin: Origin
    name: str
    scope: str
    actions: frozenset[str]
    role: str | None = None
    denies: bool = False
    expires_at: datetime | None = None
    because: tuple[str, ...] = ()

    def is_in_force(self, at: datetime) -> bool:
        """Whether it counts at the moment."""
        return self.expires_at is None or at < self.expires_at

    def covers(self, place: Place) -> bool:
        """Whether the place lies in the scope."""
        if self.scope == EVERYWHERE:
            return True
        if place.namespace is None:
            return False
        if self.scope == place.namespace:
            return True
        return place.model is not None and self.scope == str(place)

    def cuts(self, place: Place) -> bool:
        """Whether a single model of the place, which is a whole namespace, is its scope."""
        if place.namespace is None or place.model is not None:
            return False
        return self.scope.startswith(f"{place.namespace}/")


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether `action` is allowed at the place, and the rule that decided; None if none spoke."""

    allowed: bool
    action: str
    place: Place
    rule: Rule | None = None


def decide(
    rules: Iterable[Rule], action: str, place: Place, at: datetime, *, wholly: bool = True
) -> Decision:
    """The decision at a moment.

    `wholly`: what is asked of a namespace must hold for each model in it, so that the denial of
    a single one refuses it; without, whoever asks leaves those models out itself.
    """
    speaking = [rule for rule in rules if action in rule.actions and rule.is_in_force(at)]
    for rule in speaking:
        if rule.denies and (rule.covers(place) or (wholly and rule.cuts(place))):
            return Decision(False, action, place, rule)
    for rule in speaking:
        if not rule.denies and rule.covers(place):
            return Decision(True, action, place, rule)
    return Decision(False, action, place)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody may do something: in these namespaces and single models, or everywhere;
    but not in the namespaces that are `closed`, nor to the models that are `hidden`."""

    everywhere: bool = False
    namespaces: frozenset[str] = frozenset()
    models: frozenset[tuple[str, str]] = frozenset()
    closed: frozenset[str] = frozenset()
    hidden: frozenset[tuple[str, str]] = frozenset()

    def holds(self, namespace: str) -> bool:
        """Whether the namespace is in reach, hidden models aside."""
        return namespace not in self.closed and (self.everywhere or namespace in self.namespaces)

    def singled(self, namespace: str) -> frozenset[str]:
        """The single models of a namespace that is not in reach itself."""
        return frozenset(model for where, model in self.models if where == namespace)

    def hidden_in(self, namespace: str) -> frozenset[str]:
        """The models of a namespace that are not in reach although it is."""
        return frozenset(model for where, model in self.hidden if where == namespace)

    def narrowed(self, limit: Rule, action: str, at: datetime) -> "Reach":
        """What of it lies within a limit."""
        place = place_of(limit.scope)
        if action not in limit.actions or not limit.is_in_force(at):
            return Reach()
        if limit.scope == EVERYWHERE:
            return self
        namespace = str(place.namespace)
        if place.model is not None:
            hidden = place.model in self.hidden_in(namespace)
            is_there = place.model in self.singled(namespace) or self.holds(namespace)
            pair = frozenset({(namespace, place.model)})
            return Reach(models=pair if is_there and not hidden else frozenset())
        return Reach(
            namespaces=frozenset({namespace} if self.holds(namespace) else ()),
            models=frozenset((namespace, model) for model in self.singled(namespace)),
            hidden=frozenset((namespace, model) for model in self.hidden_in(namespace)),
        )


def reach(rules: Iterable[Rule], action: str, at: datetime) -> Reach:
    """Where the rules allow the action at a moment: what `decide` says of each place."""
    rules = tuple(rules)
    speaking = [rule for rule in rules if action in rule.actions and rule.is_in_force(at)]

    def allows(place: Place) -> bool:
        return decide(speaking, action, place, at, wholly=False).allowed

    places = {place_of(rule.scope) for rule in speaking if rule.scope != EVERYWHERE}
    everywhere = allows(Place())
    whole = {place.namespace for place in places if place.namespace and allows(_whole(place))}
    single = {place for place in places if place.model is not None}
    return Reach(
        everywhere=everywhere,
        namespaces=frozenset(whole),
        models=frozenset(
            (str(place.namespace), str(place.model))
            for place in single
            if allows(place) and not allows(_whole(place))
        ),
        closed=frozenset(
            rule.scope for rule in speaking if rule.denies and place_of(rule.scope).model is None
        )
        - {EVERYWHERE},
        hidden=frozenset(
            (str(place.namespace), str(place.model))
            for place in single
            if not allows(place) and allows(_whole(place))
        ),
    )


def scope_of(namespace: str | None, model: str | None = None) -> str:
    """The scope that is exactly this place."""
    if namespace is None:
        return EVERYWHERE
    return namespace if model is None else f"{namespace}/{model}"


def place_of(scope: str) -> Place:
    """The place that the scope is."""
    if scope == EVERYWHERE:
        return Place()
    namespace, _, model = scope.partition("/")
    return Place(namespace, model or None)


def _whole(place: Place) -> Place:
    return Place(place.namespace)
