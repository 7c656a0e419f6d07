"""What promotion and rollback have in common: a version passes gates from one stage to another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.access import Caller
from core.domain.gates import Facts, Verdict, judge, judged_digest
from core.domain.versions import ModelVersion
from core.errors import Conflict, Stale, Unavailable
from core.ports import Clock, Database, Hook, Stores
from core.services.passages import Passage, check_open, facts_of, findings_of
from core.services.placements import Placement

Gates = Sequence[Mapping[str, Any]]

TRIES = 10
"""How often it is judged anew because something that it counted on has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What came of asking to bring a version to a stage: the verdict of each gate, in order.

    `version` is as it is now. `displaced` is the number of the version that had to make room, or
    would have to. `digest` is over all that was judged: what an approval must be of. A version
    that was there already passes no gates, and `has_moved` not.
    """

    version: ModelVersion
    from_stage: str
    to_stage: str
    has_moved: bool = False
    verdicts: tuple[Verdict, ...] = ()
    displaced: int | None = None
    digest: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether every gate is."""
        return all(verdict.passed for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Crossings:
    """Judge gates, and let versions through them."""

    database: Database
    clock: Clock
    hooks: Mapping[str, Hook]

    def _look(self, caller: Caller, passage: Passage, gates: Gates) -> Crossing:
        """The verdicts as things are; nothing happens."""
        if passage.is_over:
            return _crossing(passage)
        now, findings = self.clock.now(), self._findings(caller, passage, gates)
        facts = facts_of(self.database, caller, passage, gates, now, findings)
        return _crossing(passage, judge(gates, facts), _digest(gates, facts))

    def _cross(
        self,
        caller: Caller,
        survey: Callable[[], Passage],
        gates_of: Callable[[Passage], Gates],
        verb: str,
        reason: str,
    ) -> Crossing:
        """Bring it there if every gate is open; judged anew while something changes meanwhile.

        Raises `Conflict` if a gate is closed, or another version was faster.
        """
        first: Passage | None = None
        for _ in range(TRIES):
            passage = survey()
            if passage.is_over:
                return _crossing(passage)
            first = first or passage
            _check_is_first(first, passage)
            try:
                return self._once(caller, passage, gates_of(passage), verb, reason)
            except Stale:
                continue
        raise Unavailable(
            f"The model {first.model.name!r} changes so often that no verdict on it holds."
            if first
            else "The model changes too often."
        )

    def _once(
        self, caller: Caller, passage: Passage, gates: Gates, verb: str, reason: str
    ) -> Crossing:
        now, findings = self.clock.now(), self._findings(caller, passage, gates)
        placement = Placement(caller, verb, max(now, passage.last_change), reason)
        lifecycle = passage.lifecycle

        def work(stores: Stores) -> Crossing:
            stores.namespaces.pin_lifecycle(lifecycle.namespace, lifecycle.revision)
            facts = facts_of(stores, caller, passage, gates, now, findings)
            verdicts = judge(gates, facts)
            check_open(passage, verdicts)
            version = placement.carry_out(stores, passage)
            used = (each for each in facts.approvals if each.from_stage == passage.source.name)
            placement.use_up(stores, tuple(used))
            return _crossing(passage, verdicts, _digest(gates, facts), version)

        return self.database.transaction(work)

    def _findings(self, caller: Caller, passage: Passage, gates: Gates) -> Mapping[int, str]:
        """Outside of the transaction, which may run several times and must not wait for hooks."""
        known = facts_of(self.database, caller, passage, (), self.clock.now())
        return findings_of(passage, gates, self.hooks, known)


def _crossing(
    passage: Passage,
    verdicts: tuple[Verdict, ...] = (),
    digest: str | None = None,
    moved: ModelVersion | None = None,
) -> Crossing:
    displaced = passage.displaced
    return Crossing(
        version=moved or passage.version,
        from_stage=passage.source.name,
        to_stage=passage.target.name,
        has_moved=moved is not None,
        verdicts=verdicts,
        displaced=None if displaced is None else displaced.number,
        digest=digest,
    )


def _digest(gates: Gates, facts: Facts) -> str:
    return judged_digest(facts.version, facts.evaluations, gates)


def _check_is_first(first: Passage, passage: Passage) -> None:
    """Nobody displaces a version that he has not seen there."""
    stage = passage.target.name
    holder = passage.model.stages.get(stage)
    if holder != first.model.stages.get(stage):
        what = f"Version {holder} is in" if holder else "Nothing is left in"
        raise Conflict(
            f"{what} {stage} since a moment ago, by {passage.model.updated_by}.",
            next_step="See what is there now, and ask again if it is still to make room.",
        )
