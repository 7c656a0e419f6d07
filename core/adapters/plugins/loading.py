"""Plug-ins that are named in the settings, and no other: found by entry point, checked, asked."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from core.adapters.plugins import specifications
from core.adapters.plugins.calls import Caller, CallFailed
from core.adapters.plugins.specifications import PROJECT, points_of
from core.domain.events import Event
from core.domain.files import File
from core.domain.gates import Facts
from core.domain.subjects import Subject
from core.errors import Forbidden, Invalid, Refusal, Unavailable
from core.ports import Hook

GROUP = "modelry.plugins"
MAX_REASON_CHARACTERS = 500

_log = logging.getLogger("modelry.plugins")


class Plugins:
    """See `core.ports.ChangeHooks`. Each plug-in is asked in the order of the settings."""

    def __init__(self, plugins: Mapping[str, object], seconds: float) -> None:
        """Raises `Invalid` for a plug-in that does not fit the specifications."""
        self._names = tuple(plugins)
        self._callers = {name: Caller(seconds) for name in plugins}
        self._pluggy = pluggy.PluginManager(PROJECT)
        self._pluggy.add_hookspecs(specifications)
        for name, plugin in plugins.items():
            self._register(name, plugin)
        self._called: dict[str, list[tuple[str, Any]]] = {}
        self.gate_hooks: Mapping[str, Hook] = dict(self._gates())

    def is_asked(self, event: Event) -> bool:
        """See `core.ports.ChangeHooks.is_asked`."""
        return any(self._of(f"before_{point}") for point in points_of(event))

    def ask(self, event: Event, files: Sequence[File]) -> None:
        """See `core.ports.ChangeHooks.ask`."""
        for point in points_of(event):
            for name, implementation in self._of(f"before_{point}"):
                try:
                    objection = self._call(name, implementation, event, files)
                    if not isinstance(objection, str | None):
                        raise CallFailed(f"answered with {type(objection).__name__}")
                except CallFailed as failure:
                    _log.error("plug-in %s, before_%s: it %s", name, point, failure)
                    raise Unavailable(
                        f"The plug-in {name!r} {failure}; without its word nothing changes.",
                        next_step="Try again; if that does not help, tell who runs the registry.",
                    ) from failure
                if objection:
                    raise _objection(name, _shown(objection), event)

    def tell(self, event: Event, files: Sequence[File]) -> None:
        """See `core.ports.ChangeHooks.tell`. Who hangs from an earlier time is told nothing."""
        for point in (*points_of(event), "change"):
            for name, implementation in self._of(f"after_{point}"):
                if self._callers[name].is_hanging:
                    _log.error("plug-in %s, after_%s: not told, it still hangs", name, point)
                    continue
                try:
                    self._call(name, implementation, event, files)
                except CallFailed as failure:
                    _log.error("plug-in %s, after_%s: it %s", name, point, failure)

    def _register(self, name: str, plugin: object) -> None:
        try:
            self._pluggy.register(plugin, name)
            self._pluggy.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise Invalid(
                f"The plug-in {name!r} does not fit: {error}.",
                next_step="Compare it with core/adapters/plugins/specifications.py.",
            ) from error
        for point in self._pluggy.get_hookcallers(plugin) or ():
            for each in point.get_hookimpls():
                if each.hookwrapper or each.wrapper:
                    raise Invalid(f"The plug-in {name!r} wraps {point.name}: nothing may.")

    def _of(self, point: str) -> list[tuple[str, Any]]:
        """The implementations of a point, in the order of the settings."""
        if point not in self._called:
            caller = getattr(self._pluggy.hook, point, None)
            found = {} if caller is None else {it.plugin_name: it for it in caller.get_hookimpls()}
            self._called[point] = [(name, found[name]) for name in self._names if name in found]
        return self._called[point]

    def _call(self, name: str, implementation: Any, event: Event, files: Sequence[File]) -> Any:
        known = {"event": deepcopy(event), "files": tuple(files)}  # what it changes is its own
        wanted = {argument: known[argument] for argument in implementation.argnames}
        return self._callers[name](implementation.function, **wanted)

    def _gates(self) -> Iterator[tuple[str, Hook]]:
        owners: dict[str, str] = {}
        for name, implementation in self._of("gate_hooks"):
            try:
                offered = self._callers[name](implementation.function)
            except CallFailed as failure:
                raise Invalid(f"The plug-in {name!r} offers no gates: it {failure}.") from failure
            if not isinstance(offered, Mapping) or not all(map(callable, offered.values())):
                raise Invalid(f"The plug-in {name!r} offers gates that cannot be called.")
            for gate, hook in offered.items():
                if gate in owners:
                    raise Invalid(
                        f"The plug-ins {owners[gate]!r} and {name!r} both have the gate {gate!r}."
                    )
                owners[gate] = name
                yield gate, _timed(self._callers[name], hook)


def load(names: Sequence[str], seconds: float) -> Plugins:
    """The plug-ins of these names. Raises `Invalid` for one that is not installed, that two
    packages offer, or that cannot be imported."""
    installed: dict[str, list[EntryPoint]] = {}
    for found in entry_points(group=GROUP):
        installed.setdefault(found.name, []).append(found)
    return Plugins({name: _loaded(name, installed) for name in names}, seconds)


def _loaded(name: str, installed: Mapping[str, Sequence[EntryPoint]]) -> object:
    offered = installed.get(name, ())
    if len(offered) != 1:
        raise Invalid(
            f"MODELRY_PLUGINS names {name!r}, which {len(offered)} installed packages offer.",
            next_step=f"Installed are: {', '.join(sorted(installed)) or 'none'}.",
        )
    try:
        return offered[0].load()
    except Exception as error:
        raise Invalid(
            f"The plug-in {name!r} ({offered[0].value}) cannot be imported:"
            f" {type(error).__name__}: {error}."
        ) from error


def _timed(call: Caller, hook: Hook) -> Hook:
    def timed(settings: Mapping[str, Any], facts: Facts) -> str | None:
        try:
            objection: str | None = call(hook, settings, facts)
        except CallFailed as failure:  # it keeps the gate closed, and says why
            return f"the hook {failure}"
        return objection

    return timed


def _objection(name: str, reason: str, event: Event) -> Forbidden:
    model = Subject(event.kind, event.namespace, event.subject).model
    return Forbidden(
        f"The plug-in {name!r} objects to {event.action} of {event.subject!r}: {reason}",
        next_step="Meet what it asks for, or ask who runs the registry.",
        refusal=Refusal(event.action, event.namespace, model),
    )


def _shown(objection: str) -> str:
    text = "".join(each if each.isprintable() else " " for each in objection)
    return text[:MAX_REASON_CHARACTERS]
