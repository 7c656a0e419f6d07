"""Use cases on lifecycles: the stages of a namespace and the gates between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.common import check_revision, moved_on
from core.domain.gate_kinds import MetadataGate, parse_gate
from core.domain.lifecycle_checks import Problem, check_lifecycle
from core.domain.lifecycles import Lifecycle, Stage, Transition, default_lifecycle
from core.domain.moments import check_moment
from core.domain.subjects import event_of, lifecycle_subject
from core.errors import Conflict, Invalid
from core.ports import Clock, Database, Stores
from core.services.conformity import check_is_schema
from core.services.lookups import namespace_of
from core.services.moments import namespace_at, state_at

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lifecycles:
    """Read and change the lifecycle of a namespace."""

    database: Database
    clock: Clock

    def get(self, caller: Caller, namespace: str, *, as_of: datetime | None = None) -> Lifecycle:
        """The lifecycle, the default one if none was set; or what it was at a moment.

        Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.NAMESPACE_READ, namespace)
        if as_of is not None:
            check_moment(as_of, self.clock.now())
            namespace_at(self.database, namespace, as_of)
            found = state_at(self.database, lifecycle_subject(namespace), Lifecycle, as_of)
        else:
            found = self.database.lifecycles.get(namespace)
            if found is None:
                namespace_of(self.database, namespace)
        return found or default_lifecycle(namespace)

    def put(
        self,
        caller: Caller,
        namespace: str,
        stages: Sequence[Stage],
        transitions: Sequence[Transition],
        protected_aliases: Sequence[str] = (),
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> Lifecycle:
        """Set it; nothing if it is so already. No version is ever left in a stage that is no more.

        Raises `Invalid` naming each place that makes no sense, `Conflict` naming versions that
        are in a stage that would go or mean something else, `Stale`, `NotFound`, `Forbidden`.
        """
        caller.require(Action.LIFECYCLE_CHANGE, namespace)
        at, by = self.clock.now(), caller.principal.name
        wanted = Lifecycle(
            namespace=namespace,
            stages=tuple(stages),
            transitions=tuple(transitions),
            protected_aliases=tuple(protected_aliases),
            created_at=at,
            created_by=by,
            updated_at=at,
            updated_by=by,
        )
        _check_schemas(check_lifecycle(wanted))

        def work(stores: Stores) -> Lifecycle:
            home = namespace_of(stores, namespace)
            stored = stores.lifecycles.get(namespace)
            before = stored or default_lifecycle(namespace)
            check_revision(f"The lifecycle of {namespace!r}", before, expected_revision)
            after = replace(
                wanted,
                created_at=at if stored is None else stored.created_at,
                created_by=by if stored is None else stored.created_by,
                updated_at=max(at, before.updated_at),
                revision=before.revision + 1,
            )
            if _content(after) == _content(before):
                return before
            _check_strands_nothing(stores, before, after)
            now_it_is = moved_on(home, at=at, by=by, lifecycle_revision=after.revision)
            stores.lifecycles.put(after)
            stores.namespaces.replace(now_it_is)
            for action, old, new in (
                ("lifecycle.changed", stored, after),
                ("namespace.lifecycle-changed", home, now_it_is),
            ):
                stores.events.add(
                    event_of(caller, action, at=at, before=old, after=new, reason=reason)
                )
            return after

        return self.database.transaction(work)


def _content(lifecycle: Lifecycle) -> tuple[object, ...]:
    return (lifecycle.stages, lifecycle.transitions, lifecycle.protected_aliases)


def _check_schemas(lifecycle: Lifecycle) -> None:
    for at, way in enumerate(lifecycle.transitions):
        for field, gates in (("gates", way.gates), ("rollback_gates", way.rollback_gates)):
            for number, gate in enumerate(gates):
                read = parse_gate(gate)
                if isinstance(read, MetadataGate):
                    _check_schema(f"transitions.{at}.{field}.{number}", read)


def _check_schema(place: str, gate: MetadataGate) -> None:
    try:
        check_is_schema(gate.schema)
    except Invalid as error:
        problems = [(f"{place}.{where}", what) for where, what in error.problems]
        raise Invalid(error.message, next_step=error.next_step, problems=problems) from None


def _check_strands_nothing(stores: Stores, before: Lifecycle, after: Lifecycle) -> None:
    """Raise `Conflict` if a version were left in a stage that goes, or found itself in another.

    The initial stage may take another name: what is in it says so with no stage at all.
    """
    problems = list(_strandings(stores, before, after))
    if problems:
        raise Conflict(
            f"The lifecycle of {after.namespace!r} cannot change so: {problems[0][1]}.",
            next_step="Bring these versions to a stage that stays, then change the lifecycle.",
            problems=problems,
        )


def _strandings(stores: Stores, before: Lifecycle, after: Lifecycle) -> Iterator[Problem]:
    stays = {stage.name: stage for stage in after.stages[1:]}
    former = {stage.name for stage in before.stages[1:]}
    if before.initial.name in stays:
        yield "stages", f"versions begin in {before.initial.name}, which would not be the first"
    if after.initial.name in former:
        yield "stages", f"versions would begin in {after.initial.name}, where others are already"
    for stage in before.stages[1:]:
        found = stays.get(stage.name)
        if found is not None and (found.holds, found.alias) == (stage.holds, stage.alias):
            continue
        held = stores.versions.in_stage(after.namespace, stage.name, _SHOWN + 1)
        if held:
            names = ", ".join(f"{each.model}:{each.number}" for each in held[:_SHOWN])
            more = " and more" if len(held) > _SHOWN else ""
            what = "goes" if found is None else "would mean something else"
            yield f"stages.{stage.name}", f"{stage.name} {what}, and holds {names}{more}"
