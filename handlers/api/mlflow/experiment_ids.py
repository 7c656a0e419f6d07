"""Experiments' ids as MLflow's clients know them: `0` is the one called `Default`, made when it is
first asked for; all others are what they are everywhere."""

from weakref import WeakKeyDictionary

from core.domain.access import Caller
from core.domain.experiments import DEFAULT, Experiment
from core.errors import Invalid, NotFound
from core.registry import Registry

ZERO = "0"

_known: WeakKeyDictionary[Registry, dict[str, int]] = WeakKeyDictionary()
"""Of each namespace the id of the experiment that is shown as `0`; it never changes while that is
there, so that a process has to look only once."""


def experiment_called(registry: Registry, caller: Caller, namespace: str, id: str) -> Experiment:
    """The experiment of this id, deleted or not. Raises `NotFound`, and `Invalid` for a text that
    is no id."""
    if id == ZERO:
        found = registry.experiments.default(caller, namespace)
        _known.setdefault(registry, {})[namespace] = found.id
        return found
    if not (id.isascii() and id.isdigit()):
        raise Invalid(f"Invalid experiment id: {id[:60]!a}.", next_step="It is a number, as text.")
    return registry.experiments.get(caller, namespace, id, even_deleted=True)


def shown_id(registry: Registry, caller: Caller, namespace: str, number: int) -> str:
    """The experiment's id as it is shown."""
    known = _known.setdefault(registry, {})
    if namespace not in known:
        try:
            found = registry.experiments.get(caller, namespace, DEFAULT, even_deleted=True)
        except NotFound:
            return str(number)
        known[namespace] = found.id
    return ZERO if known[namespace] == number else str(number)
