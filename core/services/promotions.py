"""Use cases on promotion: may this version go there, and let it go there."""

from dataclasses import dataclass

from core.domain.access import Action, Caller
from core.domain.versions import VersionReference
from core.services.crossings import Crossing, Crossings, Gates
from core.services.passages import Passage, surveyed


@dataclass(frozen=True, slots=True)
class Promotions(Crossings):
    """Bring a version to a stage through the gates on the way."""

    def judge(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        to_stage: str,
    ) -> Crossing:
        """Judge every gate, and do nothing else. Raises `NotFound`, and `Conflict` if there is no
        way from its stage to that one, or for a version that is not ready."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        passage = surveyed(self.database, namespace, model, reference, to_stage)
        return self._look(caller, passage, () if passage.is_over else _gates(passage))

    def promote(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        to_stage: str,
        *,
        reason: str = "",
    ) -> Crossing:
        """Let the version pass if every gate is open; nothing happens if it is there already.

        Raises `Conflict` naming each gate that is closed and why, or for a version that another
        was faster than; `NotFound`, `Forbidden`.
        """
        caller.require(Action.VERSION_PROMOTE, namespace, model=model)

        def survey() -> Passage:
            return surveyed(self.database, namespace, model, reference, to_stage)

        return self._cross(caller, survey, _gates, "promoted", reason)

    def bring(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        to_stage: str,
        *,
        reason: str = "",
    ) -> Crossing:
        """Let the version pass to a stage that no single transition may lead to, through all gates
        of the shortest route: in one step, or not at all.

        An approval has to be of that step: from where the version is to where it is to go. Raises
        as `promote` does.
        """
        caller.require(Action.VERSION_PROMOTE, namespace, model=model)

        def survey() -> Passage:
            return surveyed(self.database, namespace, model, reference, to_stage)

        return self._cross(caller, survey, _gates_on_the_route, "promoted", reason)


def _gates_on_the_route(passage: Passage) -> Gates:
    route = passage.lifecycle.route(passage.source, passage.target)
    return tuple(gate for transition in route for gate in transition.gates)


def _gates(passage: Passage) -> Gates:
    return passage.lifecycle.way(passage.source, passage.target).gates
