"""The decision whether a version may pass: a pure function of the gates and of what is known.

It fails closed: what nobody recorded, what cannot be read and what nobody looked at is a no.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain.approvals import Approval, Judged
from core.domain.evaluations import Evaluation
from core.domain.gate_kinds import (
    DAYS,
    ApprovalGate,
    ArtifactGate,
    EvaluationGate,
    FreezeGate,
    Gate,
    HookGate,
    MetadataGate,
    MetricGate,
    parse_gate,
    requirement,
)
from core.domain.moments import shown
from core.domain.records import record
from core.domain.schemas import described
from core.domain.versions import ModelVersion
from core.errors import RegistryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that gates go by when a version is to pass from one stage to another.

    `champions` are the versions that hold stages, by stage. `evaluations` are those of the version
    and of the champions, `approvals` the standing requests for this transition. `findings` are
    what other rules found, by the gate's place: the objection, or "" for none; of schemas and
    hooks this decision knows nothing else.

    `now` is what the clock says, `latest` the latest moment that anything is known of: later than
    `now` where a clock jumped back.
    """

    version: ModelVersion
    from_stage: str
    to_stage: str
    champions: Mapping[str, ModelVersion] = field(default_factory=dict)
    evaluations: Sequence[Evaluation] = ()
    approvals: Sequence[Approval] = ()
    findings: Mapping[int, str] = field(default_factory=dict)
    requester: str
    now: datetime
    latest: datetime

    def newest_on(self, version: ModelVersion, dataset: str) -> Evaluation | None:
        """The version's last registered evaluation on the data set."""
        found = [
            each
            for each in self.evaluations
            if each.number == version.number and each.dataset.name == dataset
        ]
        return max(found, key=lambda each: (each.created_at, each.id), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one gate: the rule, what it asks, whether it was met, and why."""

    rule: str
    requirement: str
    passed: bool
    why: str


def judge(gates: Sequence[Mapping[str, Any]], facts: Facts) -> tuple[Verdict, ...]:
    """The verdict on each gate, in order."""
    digest = judged(facts.version, facts.evaluations, gates).digest
    verdicts = []
    for at, gate in enumerate(gates):
        try:
            objection, why = _judge(parse_gate(gate), facts, facts.findings.get(at), digest)
        except RegistryError as error:
            objection, why = True, error.message
        verdicts.append(
            Verdict(
                rule=str(gate.get("rule")),
                requirement=requirement(gate),
                passed=not objection,
                why=why,
            )
        )
    return tuple(verdicts)


def judged(
    version: ModelVersion, evaluations: Sequence[Evaluation], gates: Sequence[Mapping[str, Any]]
) -> Judged:
    """What somebody who approves has before them: the version, what is said of it, its own
    evaluations, and the gates. A decision is void once any of it has changed."""
    own = sorted((each.digest, each.id) for each in evaluations if each.number == version.number)
    identity = [version.model_id, version.number, version.digest, version.fingerprint]
    parts = {
        "version": identity,
        **described(version),
        "evaluations": own,
        "gates": [_plain(gate) for gate in gates],
    }
    digests = {name: _digest(value) for name, value in sorted(parts.items())}
    return Judged(digest=f"sha256:{_digest(digests)}", parts=digests)


def judged_digest(
    version: ModelVersion, evaluations: Sequence[Evaluation], gates: Sequence[Mapping[str, Any]]
) -> str:
    """The digest over all that is judged."""
    return judged(version, evaluations, gates).digest


def _judge(gate: Gate, facts: Facts, finding: str | None, digest: str) -> tuple[bool, str]:
    """Whether there is an objection, and why (not)."""
    match gate:
        case MetricGate():
            return _metric(gate, facts)
        case EvaluationGate():
            return _evaluation(gate, facts)
        case ArtifactGate():
            return _artifact(gate, facts.version)
        case ApprovalGate():
            return _approval(gate, facts, digest)
        case FreezeGate():
            return _freeze(gate, facts)
        case MetadataGate():
            return _found(finding, "it does")
        case HookGate():
            return _found(finding, "no objection")


def _metric(gate: MetricGate, facts: Facts) -> tuple[bool, str]:
    value, fault = _measured(gate, facts, facts.version)
    if value is None:
        return True, fault
    least, whose = Decimal(str(gate.value)), ""
    if gate.is_relative:
        stage = gate.against or facts.to_stage
        champion = facts.champions.get(stage)
        if champion is None:
            return False, f"it is {_number(value)}, and {stage} holds no version to compare with"
        its, fault = _measured(gate, facts, champion)
        if its is None:
            return True, fault
        least += its
        whose = f"; version {champion.number} in {stage} has {_number(its)}"
    passed = {
        ">=": value >= least,
        ">": value > least,
        "<=": value <= least,
        "<": value < least,
    }[gate.operator]
    wanted = f"{gate.operator} {_number(least)}"
    return not passed, f"{_number(value)} is {'' if passed else 'not '}{wanted}{whose}"


def _measured(gate: MetricGate, facts: Facts, version: ModelVersion) -> tuple[Decimal | None, str]:
    """The version's metric, or why there is none."""
    metrics, where = version.metrics, ""
    if gate.dataset is not None:
        found = facts.newest_on(version, gate.dataset)
        if found is None:
            return None, f"version {version.number} has no evaluation on {gate.dataset}"
        metrics, where = found.metrics, f" on {gate.dataset}"
    value = metrics.get(gate.metric)
    if value is None:
        return None, f"nobody recorded {gate.metric}{where} of version {version.number}"
    return Decimal(str(value)), ""


def _evaluation(gate: EvaluationGate, facts: Facts) -> tuple[bool, str]:
    found = facts.newest_on(facts.version, gate.dataset)
    if found is None:
        return True, f"there is no evaluation on {gate.dataset}"
    if gate.digest is not None and found.dataset.digest != gate.digest:
        return True, f"the newest is on other data: {found.dataset.digest or 'without a digest'}"
    at = min(found.evaluated_at, found.created_at)
    age = facts.latest - at
    if gate.max_age_days is not None and age > timedelta(days=gate.max_age_days):
        return True, f"the newest is of {shown(at)}, {age / timedelta(days=1):.1f} days ago"
    return False, f"evaluated at {shown(at)}"


def _artifact(gate: ArtifactGate, version: ModelVersion) -> tuple[bool, str]:
    wanted = {"name": gate.name, "kind": gate.kind, "media_type": gate.media_type}
    for artifact in version.artifacts:
        if all(value is None or artifact.get(key) == value for key, value in wanted.items()):
            return False, f"it has {artifact['name']}"
    names = [str(artifact.get("name")) for artifact in version.artifacts[:5]]
    return True, f"its artifacts are: {', '.join(names) or 'none'}"


def _approval(gate: ApprovalGate, facts: Facts, digest: str) -> tuple[bool, str]:
    version = facts.version
    standing = [
        each
        for each in facts.approvals
        if each.transition
        == (version.namespace, version.model, version.number, facts.from_stage, facts.to_stage)
        and each.is_standing
        and not each.is_due(facts.latest)
    ]
    approving = sorted(
        {
            decision.by
            for each in standing
            for decision in each.approving(digest)
            if gate.role in decision.roles and decision.by != version.created_by
        }
    )
    if len(approving) >= gate.count:
        return False, f"approved by {', '.join(approving)}"
    if not standing:
        return True, "nobody asked for it"
    lapsed = {each.by for one in standing for each in one.decisions if each.digest != digest}
    why = f"{len(approving)} of {gate.count}"
    if lapsed:
        why += f"; what {', '.join(sorted(lapsed))} decided on has changed since"
    return True, why


def _freeze(gate: FreezeGate, facts: Facts) -> tuple[bool, str]:
    """A clock that jumped back opens nothing: it is frozen if any moment between is."""
    because = f": {gate.because}" if gate.because else ""
    if gate.start is not None and gate.end is not None:
        if gate.start <= facts.latest and facts.now < gate.end:
            return True, f"frozen until {shown(gate.end)}{because}"
        return False, f"it is {shown(facts.now)}"
    moment = facts.now
    for _ in range(8):
        last = facts.latest.time() if moment.date() == facts.latest.date() else gate.end_time
        if moment.weekday() in gate.days and (
            moment.time() <= gate.end_time and gate.start_time <= last
        ):
            return True, f"frozen on {', '.join(DAYS[day] for day in gate.days)}{because}"
        moment = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        if moment > facts.latest:
            break
    return False, f"it is {shown(facts.now)}"


def _found(finding: str | None, fine: str) -> tuple[bool, str]:
    if finding is None:
        return True, "nothing here could look at it"
    return bool(finding), finding or fine


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}" if abs(value) < 10**15 else str(value)


def _digest(value: Any) -> str:
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), default=_shown)
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(value: Any) -> Any:
    return shown(value) if isinstance(value, datetime) else record(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
