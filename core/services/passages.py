"""A version on its way from one stage to another: what has to be known, and whether it may pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Caller
from core.domain.approvals import Approval
from core.domain.evaluations import Evaluation
from core.domain.events import Event
from core.domain.gate_kinds import (
    ApprovalGate,
    EvaluationGate,
    FreezeGate,
    Gate,
    HookGate,
    MetadataGate,
    MetricGate,
    parse_gate,
)
from core.domain.gates import Facts, Verdict
from core.domain.lifecycles import Holds, Lifecycle, Stage
from core.domain.models import RegisteredModel
from core.domain.retention import Retention
from core.domain.schemas import described
from core.domain.versions import (
    ByAlias,
    ByNumber,
    ByStage,
    ModelVersion,
    VersionReference,
    VersionState,
)
from core.errors import Conflict, Invalid, RegistryError
from core.ports import Hook, Stores
from core.services.conformity import faults
from core.services.lookups import lifecycle_of, model_of, version_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A version, where it stands and where it is to go, and the other versions that matter:
    those that hold a stage, and the one that the target's alias points to, by number."""

    lifecycle: Lifecycle
    model: RegisteredModel
    version: ModelVersion
    source: Stage
    target: Stage
    others: Mapping[int, ModelVersion]

    @property
    def is_over(self) -> bool:
        """Whether the version is there already."""
        return self.source is self.target

    @property
    def displaced(self) -> ModelVersion | None:
        """The version that has to make room."""
        number = self.model.stages.get(self.target.name)
        if self.target.holds is Holds.MANY or number in {None, self.version.number}:
            return None
        return self.others.get(number or 0)

    @property
    def champions(self) -> Mapping[str, ModelVersion]:
        """The versions that hold stages, by stage."""
        held = self.model.stages.items()
        return {stage: self.others[number] for stage, number in held if number in self.others}

    @property
    def last_change(self) -> datetime:
        """When the last change was made to any of it."""
        versions = [each.updated_at for each in (self.version, *self.others.values())]
        return max(self.model.updated_at, self.lifecycle.updated_at, *versions)


def surveyed(
    stores: Stores, namespace: str, model: str, reference: VersionReference, to_stage: str
) -> Passage:
    """What there is, in three queries for a version named by number, alias or stage; one more to
    find it if it is named otherwise.

    Raises `NotFound`, and `Conflict` for a version that is not ready or not active.
    """
    lifecycle = lifecycle_of(stores, namespace)
    target = lifecycle.stage(to_stage)
    owner = model_of(stores, namespace, model)
    number = _number(owner, reference)
    if number is None:
        number = version_of(stores, namespace, model, reference).number
    pointed = owner.aliases.get(target.alias or "")
    among = {number, *owner.stages.values(), *([] if pointed is None else [pointed])}
    found = {each.number: each for each in stores.versions.numbered(namespace, model, among)}
    version = found.pop(number, None) or version_of(stores, namespace, model, ByNumber(number))
    _check_can_move(version)
    return Passage(
        lifecycle=lifecycle,
        model=owner,
        version=version,
        source=lifecycle.stage_of(version),
        target=target,
        others=found,
    )


def findings_of(
    passage: Passage, gates: Sequence[Mapping[str, Any]], hooks: Mapping[str, Hook], facts: Facts
) -> Mapping[int, str]:
    """What schemas and hooks object to, by the gate's place; "" for nothing."""
    found: dict[int, str] = {}
    for at, gate in enumerate(_read(gates)):
        match gate:
            case MetadataGate(schema):
                found[at] = _nonconformity(passage.version, schema)
            case HookGate(name, settings):
                found[at] = _objection(name, settings, hooks, facts)
    return found


def facts_of(
    stores: Stores,
    caller: Caller,
    passage: Passage,
    gates: Sequence[Mapping[str, Any]],
    now: datetime,
    findings: Mapping[int, str] | None = None,
) -> Facts:
    """All that the gates go by, in one query each for evaluations, approvals and the newest event
    of the namespace, as far as a gate asks for them."""
    read = _read(gates)
    place = (passage.version.namespace, passage.version.model)
    champions = passage.champions
    numbers = {passage.version.number, *(each.number for each in champions.values())}
    asks = {type(gate) for gate in read}
    measured = any(isinstance(gate, MetricGate) and gate.dataset for gate in read)
    evaluations: Sequence[Evaluation] = ()
    approvals: Sequence[Approval] = ()
    events: Sequence[Event] = ()
    if measured or asks & {EvaluationGate, ApprovalGate}:
        evaluations = stores.evaluations.of(*place, numbers)
    if ApprovalGate in asks:
        number, to_stage = passage.version.number, passage.target.name
        approvals = stores.approvals.standing(*place, number, to_stage)
    if FreezeGate in asks:
        events = stores.events.page(place[0], before=None, limit=1)
    return Facts(
        version=passage.version,
        from_stage=passage.source.name,
        to_stage=passage.target.name,
        champions=champions,
        evaluations=evaluations,
        approvals=approvals,
        findings=findings or {},
        requester=caller.principal.name,
        now=now,
        latest=max([now, passage.last_change, *(event.at for event in events)]),
    )


def check_open(passage: Passage, verdicts: Sequence[Verdict]) -> None:
    """Raise `Conflict` naming each gate that is closed, and why."""
    closed = [(at, each) for at, each in enumerate(verdicts) if not each.passed]
    if closed:
        _, first = closed[0]
        raise Conflict(
            f"Version {passage.version.number} of {passage.version.model!r} may not pass from"
            f" {passage.source.name} to {passage.target.name}: {len(closed)} of {len(verdicts)}"
            f" gates closed, {first.rule} first ({first.requirement}: {first.why}).",
            next_step="Meet what they ask, and see with dry_run whether they are open then.",
            problems=[
                (f"gates.{at}", f"{each.rule}, {each.requirement}: {each.why}")
                for at, each in closed
            ],
        )


def _number(model: RegisteredModel, reference: VersionReference) -> int | None:
    match reference:
        case ByNumber(number):
            return number
        case ByAlias(alias):
            return model.aliases.get(alias)
        case ByStage(stage) if stage is not None:
            return model.stages.get(stage)
    return None


def _check_can_move(version: ModelVersion) -> None:
    what = f"Version {version.number} of {version.model!r}"
    if version.state is not VersionState.READY:
        raise Conflict(
            f"{what} is {version.state}: no stage holds what is not ready.",
            next_step="Complete its upload first, or choose a version that is ready.",
        )
    if version.retention is not Retention.ACTIVE:
        raise Conflict(
            f"{what} is archived, so that it cannot change its stage.",
            next_step="Restore it first, or choose a version that is active.",
        )


def _read(gates: Sequence[Mapping[str, Any]]) -> list[Gate | None]:
    read: list[Gate | None] = []
    for gate in gates:
        try:
            read.append(parse_gate(gate))
        except RegistryError:
            read.append(None)  # what cannot be read is closed: see `judge`
    return read


def _nonconformity(version: ModelVersion, schema: Mapping[str, Any]) -> str:
    try:
        found = faults(described(version), schema, "the schema of the gate")
    except Invalid as error:
        return error.message
    return "; ".join(f"{place} {message}" for place, message in found)


def _objection(
    name: str, settings: Mapping[str, Any], hooks: Mapping[str, Hook], facts: Facts
) -> str:
    hook = hooks.get(name)
    if hook is None:
        return f"no hook named {name} is registered here"
    try:
        return str(hook(settings, facts) or "")
    except Exception as error:  # whatever it is, it is no consent
        return f"the hook failed with {type(error).__name__}"
