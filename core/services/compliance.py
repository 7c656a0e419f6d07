"""Use cases on what rules ask of a version: the report of what its documentation lacks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.compliance import Facts, Report, chosen, report
from core.domain.evaluations import last_evaluation_id
from core.domain.moments import check_moment
from core.domain.versions import VersionReference
from core.ports import Clock, Database
from core.services.lookups import model_of, namespace_of, version_of
from core.services.moments import model_at, namespace_at, version_at

_EVALUATIONS = 100


@dataclass(frozen=True, slots=True)
class Compliance:
    """Hold what is said of a version against the rules of its namespace."""

    database: Database
    clock: Clock

    def report(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        *,
        rule_sets: Collection[str] | None = None,
        as_of: datetime | None = None,
    ) -> Report:
        """What the version's documentation lacks, now or as it was at a moment: by these rule
        sets, else by those that the namespace chose. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        check_moment(as_of, self.clock.now())
        from core.domain.rule_sets import RULE_SETS  # some hundred objects that few requests need

        wanted = None if rule_sets is None else chosen(RULE_SETS, rule_sets)
        if as_of is None:
            version = version_of(self.database, namespace, model, reference)
            owner = model_of(self.database, namespace, model)
            room = namespace_of(self.database, namespace)
        else:
            version = version_at(self.database, namespace, model, reference, as_of)
            owner = model_at(self.database, namespace, model, as_of)
            room = namespace_at(self.database, namespace, as_of)
        evaluations = self.database.evaluations.page(
            namespace,
            model,
            number=version.number,
            before=None if as_of is None else last_evaluation_id(as_of),
            limit=_EVALUATIONS,
        )
        # What the namespace chose is what there was then: a rule set may have gone since.
        known = None if room.rule_sets is None else set(room.rule_sets) & RULE_SETS.keys()
        return report(
            Facts(owner, version, tuple(evaluations)),
            chosen(RULE_SETS, known) if wanted is None else wanted,
        )
