"""What there is to judge of a version today, for those who ask for an approval and who decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.domain.access import Caller
from core.domain.approvals import Approval, ApprovalState, Judged
from core.domain.gate_kinds import ApprovalGate, parse_gate
from core.domain.gates import judged
from core.domain.lifecycles import Lifecycle
from core.domain.subjects import event_of
from core.domain.versions import ByNumber, ModelVersion
from core.errors import Conflict, NotFound, RegistryError
from core.ports import Stores
from core.services.lookups import lifecycle_of, model_of, version_of


@dataclass(frozen=True, slots=True)
class Review:
    """A request for approval, and what there is to judge `today`: None of a closed one, and where
    the way it asks for is not there any more, which `lapse` then explains."""

    approval: Approval
    today: Judged | None = None
    needs: Mapping[str, int] = field(default_factory=dict)
    lapse: str = ""
    is_new: bool = False

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return self.approval.state is ApprovalState.EXPIRED


def judge_now(
    stores: Stores, lifecycle: Lifecycle, version: ModelVersion, to_stage: str, rollback: bool
) -> tuple[str, str, Judged, Mapping[str, int]]:
    """The names of the two stages, what is to be judged of the way between them, and how many
    approvals by which role it needs. Raises `NotFound`, and `Conflict` if there is no such way."""
    source, target = lifecycle.stage_of(version), lifecycle.stage(to_stage)
    way = lifecycle.way(source, target)
    evaluations = stores.evaluations.of(version.namespace, version.model, [version.number])
    gates = way.rollback_gates if rollback else way.gates
    today = judged(version, evaluations, gates)
    return source.name, target.name, today, _needs_of(gates)


def review_of(stores: Stores, approval: Approval) -> Review:
    """The request with what there is to judge today: the version's stage, what is said of it, its
    evaluations and the gates may have changed since."""
    if not approval.is_standing:
        return Review(approval)
    try:
        place = (approval.namespace, approval.model, ByNumber(approval.number))
        version = version_of(stores, *place)
        lifecycle = lifecycle_of(stores, approval.namespace)
        stage = lifecycle.stage_of(version).name
        if stage != approval.from_stage:
            return Review(approval, lapse=f"Version {version.number} is in {stage} by now.")
        _, _, today, needs = judge_now(
            stores, lifecycle, version, approval.to_stage, approval.rollback
        )
    except (NotFound, Conflict) as error:
        return Review(approval, lapse=error.message)
    return Review(approval, today, needs)


def _needs_of(gates: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    """How many approvals by which role the gates ask for."""
    needs: dict[str, int] = {}
    for gate in gates:
        try:
            read = parse_gate(gate)
        except RegistryError:  # a gate that cannot be read is closed, whoever approves
            continue
        if isinstance(read, ApprovalGate):
            needs[read.role.value] = max(read.count, needs.get(read.role.value, 0))
    return needs


def put_approval(
    caller: Caller,
    stores: Stores,
    before: Approval,
    after: Approval,
    verb: str,
    at: datetime,
    reason: str = "",
) -> None:
    """Store the next revision of a request, with the event `approval.VERB`."""
    stores.approvals.replace(after)
    stores.events.add(
        event_of(caller, f"approval.{verb}", at=at, before=before, after=after, reason=reason)
    )


def roles_on(caller: Caller, namespace: str, model: str) -> tuple[str, ...]:
    """The caller's roles that reach the model."""
    reaching = {"*", namespace, f"{namespace}/{model}"}
    return tuple(sorted({role.value for scope, role in caller.roles if scope in reaching}))


def approval_of(stores: Stores, namespace: str, model: str, approval_id: str) -> Approval:
    """The request, or `NotFound`."""
    found = stores.approvals.get(namespace, approval_id)
    if found is None or found.model != model:
        model_of(stores, namespace, model)
        raise unknown_approval(model, approval_id)
    return found


def unknown_approval(model: str, approval_id: str) -> NotFound:
    """The error for a request that is not there."""
    return NotFound(
        f"The model {model!r} has no request for approval {approval_id[:80]!a}.",
        next_step="List those of the version, or what waits in the namespace.",
    )
