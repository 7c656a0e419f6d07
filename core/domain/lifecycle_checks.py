"""Which lifecycles make sense: every stage can be reached, and nothing goes round unnoticed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from core.domain.documents import check_document
from core.domain.gate_kinds import MetricGate, parse_gate
from core.domain.lifecycles import Holds, Lifecycle, Transition
from core.domain.names import check_alias_name, check_namespace_name, check_stage_name
from core.errors import Invalid, RegistryError

MAX_STAGES = 50
MAX_TRANSITIONS = 500
MAX_GATES = 50
MAX_DESCRIPTION_CHARACTERS = 2_000

Problem = tuple[str, str]
"""(place, what is wrong there)."""


def check_lifecycle(lifecycle: Lifecycle) -> Lifecycle:
    """Return a lifecycle that is to be stored; raise `Invalid` naming each place that is wrong."""
    check_namespace_name(lifecycle.namespace)
    problems = list(_stage_problems(lifecycle)) or list(_way_problems(lifecycle))
    problems = problems or list(_order_problems(lifecycle))
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"The lifecycle cannot be used: {place} {message}.",
            next_step="Correct these places.",
            problems=problems[:20],
        )
    for transition in lifecycle.transitions:
        for gates in (transition.gates, transition.rollback_gates):
            check_document("gates", {"gates": list(gates)})
    return lifecycle


def _stage_problems(lifecycle: Lifecycle) -> Iterator[Problem]:
    names = [stage.name for stage in lifecycle.stages]
    folded = [name.casefold() for name in names]
    aliases = [stage.alias for stage in lifecycle.stages if stage.alias is not None]
    if not 1 <= len(names) <= MAX_STAGES:
        yield "stages", f"must be 1 to {MAX_STAGES}"
        return
    for at, stage in enumerate(lifecycle.stages):
        place = f"stages.{at}"
        yield from _fault(f"{place}.name", check_stage_name, stage.name)
        if folded.count(stage.name.casefold()) > 1:
            yield f"{place}.name", "is there twice"
        if len(stage.description) > MAX_DESCRIPTION_CHARACTERS:
            yield f"{place}.description", f"has over {MAX_DESCRIPTION_CHARACTERS} characters"
        if stage.alias is not None:
            yield from _fault(f"{place}.alias", check_alias_name, stage.alias)
            if stage.holds is not Holds.ONE:
                yield f"{place}.alias", "can only follow a stage that holds one version"
            if aliases.count(stage.alias) > 1 or stage.alias in lifecycle.protected_aliases:
                yield f"{place}.alias", "is there twice"
        target = stage.displaced_to
        if target is not None and (target not in names or _holds_one(lifecycle, target)):
            yield f"{place}.displaced_to", "must be a stage that holds many versions"
    initial = lifecycle.stages[0]
    if initial.holds is Holds.ONE or initial.retired:
        yield "stages.0", "is where every version begins: it holds many, and is not retired"
    for at, alias in enumerate(lifecycle.protected_aliases):
        yield from _fault(f"protected_aliases.{at}", check_alias_name, alias)


def _way_problems(lifecycle: Lifecycle) -> Iterator[Problem]:
    names = {stage.name for stage in lifecycle.stages}
    seen: set[tuple[str, str]] = set()
    if len(lifecycle.transitions) > MAX_TRANSITIONS:
        yield "transitions", f"must be at most {MAX_TRANSITIONS}"
        return
    for at, way in enumerate(lifecycle.transitions):
        place = f"transitions.{at}"
        for end, name in (("from", way.from_stage), ("to", way.to_stage)):
            if name not in names:
                yield f"{place}.{end}", "is no stage of the lifecycle"
        if way.from_stage == way.to_stage:
            yield place, "leads from a stage to itself"
        if (way.from_stage, way.to_stage) in seen:
            yield place, "is there twice"
        seen.add((way.from_stage, way.to_stage))
        for field, gates in (("gates", way.gates), ("rollback_gates", way.rollback_gates)):
            if len(gates) > MAX_GATES:
                yield f"{place}.{field}", f"must be at most {MAX_GATES}"
            for number, gate in enumerate(gates[:MAX_GATES]):
                yield from _gate_problems(f"{place}.{field}.{number}", gate, way, lifecycle)


def _gate_problems(
    place: str, gate: Mapping[str, object], way: Transition, lifecycle: Lifecycle
) -> Iterator[Problem]:
    try:
        read = parse_gate(gate)
    except RegistryError as error:
        found = [(f"{place}.{where}", what) for where, what in error.problems]
        yield from found or [(place, error.message.rstrip("."))]
        return
    if isinstance(read, MetricGate) and read.is_relative:
        champion = read.against or way.to_stage
        if not _holds_one(lifecycle, champion):
            yield place, f"compares with a champion, and {champion} holds no single version"


def _order_problems(lifecycle: Lifecycle) -> Iterator[Problem]:
    """Stages that nothing leads to, and circles that no step is marked as a way back in."""
    forward: dict[str, list[str]] = {stage.name: [] for stage in lifecycle.stages}
    for way in lifecycle.transitions:
        if not way.back:
            forward[way.from_stage].append(way.to_stage)
    circle = _circle(forward)
    if circle:
        yield (
            "transitions",
            f"go in a circle: {' → '.join(circle)}; mark the way that leads back (back: true)",
        )
        return
    reached = _reached(forward, lifecycle.initial.name)
    for at, stage in enumerate(lifecycle.stages):
        if stage.name not in reached:
            yield f"stages.{at}", f"{stage.name} cannot be reached from {lifecycle.initial.name}"
    for at, way in enumerate(lifecycle.transitions):
        if way.back and way.from_stage not in _reached(forward, way.to_stage):
            yield f"transitions.{at}", f"is no way back: none leads from {way.to_stage} to there"


def _circle(forward: Mapping[str, Sequence[str]]) -> list[str]:
    """A circle of stages, the first one again at the end; empty if there is none."""
    came_from: dict[str, set[str]] = {name: set() for name in forward}
    for source, targets in forward.items():
        for target in targets:
            came_from[target].add(source)
    try:
        TopologicalSorter(came_from).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _reached(forward: Mapping[str, Sequence[str]], start: str) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for target in forward[waiting.pop()]:
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _holds_one(lifecycle: Lifecycle, name: str) -> bool:
    return any(stage.name == name and stage.holds is Holds.ONE for stage in lifecycle.stages)


def _fault(place: str, check: Callable[[str], object], name: str) -> Iterator[Problem]:
    try:
        check(name)
    except Invalid as error:
        yield place, error.message.rstrip(".")
