"""The gates of a transition: what each asks, read from the tagged map in which it is stored.

`{"rule": "metric", "require": "accuracy >= champion - 0.005"}` is one. Which keys there are is a
closed list, so that a slip of the pen is found when the lifecycle is set.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from core.domain.artifacts import KINDS
from core.domain.moments import parse_moment, shown
from core.domain.roles import NAMESPACE_ROLES, PERMISSIONS, Action, Role
from core.domain.schemas import check_schema
from core.domain.shapes import MAX_TEXT_CHARACTERS
from core.errors import Invalid, RegistryError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_APPROVALS = 20
MAX_AGE_DAYS = 36_500

_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_REQUIREMENT = re.compile(
    rf"""\s*(?:"(?P<quoted>[^"]{{1,255}})"|(?P<metric>[^\s<>="]{{1,255}}))\s*
    (?P<operator><=|>=|<|>)\s*
    (?:champion(?:\s*(?P<sign>[+-])\s*(?P<delta>{_NUMBER}))?|(?P<value>-?{_NUMBER}))\s*""",
    re.VERBOSE,
)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class MetricGate:
    """`metric operator value`, or with `is_relative` that much more than the champion has.

    The metric is the version's own, or with `dataset` that of its newest evaluation on it. The
    champion is what holds the stage `against`, which is the target if it is not said.
    """

    metric: str
    operator: str
    value: float
    is_relative: bool = False
    dataset: str | None = None
    against: str | None = None


@dataclass(frozen=True, slots=True)
class MetadataGate:
    """What is said of the version satisfies this JSON Schema."""

    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvaluationGate:
    """There is an evaluation on the data set, at most so many days old; of that very data, if
    `digest` is given."""

    dataset: str
    max_age_days: float | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class ArtifactGate:
    """The version has an artifact of this name, kind and media type, as far as they are given."""

    name: str | None = None
    kind: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalGate:
    """So many people with the role approved, none of them its author or who asked for it."""

    count: int = 1
    role: Role = Role.APPROVER


@dataclass(frozen=True, slots=True)
class FreezeGate:
    """Nothing passes from `start` until `end`, or on these days of the week (0 is Monday)
    between two times of the day; all in UTC."""

    start: datetime | None = None
    end: datetime | None = None
    days: tuple[int, ...] = ()
    start_time: time = time.min
    end_time: time = time.max
    because: str = ""


@dataclass(frozen=True, slots=True)
class HookGate:
    """Nothing that the operator registered under this name objects; `settings` are for it."""

    name: str
    settings: Mapping[str, Any]


Gate = (
    MetricGate | MetadataGate | EvaluationGate | ArtifactGate | ApprovalGate | FreezeGate | HookGate
)


def parse_gate(gate: Any) -> Gate:
    """Read a gate. Raises `Invalid` saying what is wrong with it."""
    if not isinstance(gate, Mapping):
        raise _wrong("a gate is a map with a 'rule'")
    rule = gate.get("rule")
    if not isinstance(rule, str) or rule not in _READERS:
        raise _wrong(f"its rule is one of: {', '.join(_READERS)}")
    reader, keys = _READERS[rule]
    unknown = sorted(map(str, gate.keys() - {"rule", *keys}))
    if unknown:
        raise _wrong(f"a {rule} gate has no {', '.join(unknown)}; it has {', '.join(keys)}")
    return reader({name: value for name, value in gate.items() if value is not None})


def requirement(gate: Mapping[str, Any]) -> str:
    """The gate in one line, as people would say it."""
    try:
        read = parse_gate(gate)
    except RegistryError:
        return "a rule that this registry does not know"
    match read:
        case MetricGate(dataset=dataset, against=against):
            where = f" on {dataset}" if dataset else ""
            return f"{gate['require']}{where}{f' (champion: {against})' if against else ''}"
        case MetadataGate():
            return "what is said of it satisfies a schema"
        case EvaluationGate(dataset, age, _):
            return f"evaluated on {dataset}{'' if age is None else f' within {age:g} days'}"
        case ArtifactGate(name, kind, media_type):
            return f"has the artifact {' '.join(each for each in (name, kind, media_type) if each)}"
        case ApprovalGate(count, role):
            return f"{count} approval{'s' if count > 1 else ''} by {role}"
        case FreezeGate(start=start, end=end, days=days):
            if start is not None and end is not None:
                return f"not from {shown(start)} until {shown(end)}"
            return f"not on {', '.join(DAYS[day] for day in days)}"
        case HookGate(name):
            return f"{name} does not object"


def _metric(gate: Mapping[str, Any]) -> MetricGate:
    text = _text(gate, "require")
    found = _REQUIREMENT.fullmatch(text)
    if found is None:
        raise _wrong("require reads like 'accuracy >= 0.9' or 'accuracy >= champion - 0.005'")
    is_relative = found["value"] is None
    number = float(found["value"] or found["delta"] or 0)
    if not math.isfinite(number):
        raise _wrong("require holds a number that is too large")
    against = _text(gate, "against", optional=True)
    if against and not is_relative:
        raise _wrong("against says whose metric 'champion' is, and require names no champion")
    return MetricGate(
        metric=found["quoted"] or found["metric"],
        operator=found["operator"],
        value=-number if found["sign"] == "-" else number,
        is_relative=is_relative,
        dataset=_text(gate, "dataset", optional=True),
        against=against,
    )


def _metadata(gate: Mapping[str, Any]) -> MetadataGate:
    if not isinstance(gate.get("schema"), Mapping):
        raise _wrong("schema is a JSON Schema")
    return MetadataGate(check_schema(gate["schema"]))


def _evaluation(gate: Mapping[str, Any]) -> EvaluationGate:
    age = gate.get("max_age_days")
    if age is not None and (_is_no_number(age) or not 0 < age <= MAX_AGE_DAYS):
        raise _wrong(f"max_age_days is a number over 0, up to {MAX_AGE_DAYS}")
    digest = _text(gate, "digest", optional=True)
    return EvaluationGate(str(_text(gate, "dataset")), None if age is None else float(age), digest)


def _artifact(gate: Mapping[str, Any]) -> ArtifactGate:
    name, kind, media_type = (_text(gate, key, optional=True) for key in _ARTIFACT)
    if name is None and kind is None and media_type is None:
        raise _wrong(f"an artifact gate needs one of: {', '.join(_ARTIFACT)}")
    if kind is not None and kind not in KINDS:
        raise _wrong(f"kind is one of: {', '.join(KINDS)}")
    return ArtifactGate(name, kind, media_type)


def _approval(gate: Mapping[str, Any]) -> ApprovalGate:
    count, role = gate.get("count", 1), gate.get("role", Role.APPROVER.value)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_APPROVALS:
        raise _wrong(f"count is a number from 1 to {MAX_APPROVALS}")
    roles = sorted(
        each.value for each in NAMESPACE_ROLES if Action.APPROVAL_DECIDE in PERMISSIONS[each]
    )
    if role not in roles:
        raise _wrong(f"role is one of: {', '.join(roles)}")
    return ApprovalGate(count, Role(role))


def _freeze(gate: Mapping[str, Any]) -> FreezeGate:
    because = _text(gate, "because", optional=True) or ""
    start, end = gate.get("from"), gate.get("until")
    if "days" not in gate:
        if not isinstance(start, str) or not isinstance(end, str):
            raise _wrong("a freeze has from and until, or days of the week")
        first, last = parse_moment(start), parse_moment(end)
        if first >= last:
            raise _wrong("it ends before it begins")
        return FreezeGate(first, last, because=because)
    days = gate["days"]
    if not isinstance(days, list | tuple) or not days or not all(day in DAYS for day in days):
        raise _wrong(f"days are some of: {', '.join(DAYS)}")
    for moment in (start, end):
        if moment is not None and not (isinstance(moment, str) and _TIME.fullmatch(moment)):
            raise _wrong("with days, from and until are times of the day in UTC, such as 16:00")
    first_time = time.min if start is None else time.fromisoformat(start)
    last_time = time.max if end is None else time.fromisoformat(end)
    if first_time >= last_time:
        raise _wrong("it ends before it begins; freeze the next day too")
    at = tuple(sorted({DAYS.index(day) for day in days}))
    return FreezeGate(days=at, start_time=first_time, end_time=last_time, because=because)


def _hook(gate: Mapping[str, Any]) -> HookGate:
    settings = gate.get("settings", {})
    if not isinstance(settings, Mapping):
        raise _wrong("settings is a map")
    return HookGate(str(_text(gate, "name")), settings)


_ARTIFACT = ("name", "kind", "media_type")
_READERS: Mapping[str, tuple[Callable[[Mapping[str, Any]], Gate], tuple[str, ...]]] = {
    "metric": (_metric, ("require", "dataset", "against")),
    "metadata": (_metadata, ("schema",)),
    "evaluation": (_evaluation, ("dataset", "max_age_days", "digest")),
    "artifact": (_artifact, _ARTIFACT),
    "approval": (_approval, ("count", "role")),
    "freeze": (_freeze, ("from", "until", "days", "because")),
    "hook": (_hook, ("name", "settings")),
}
RULES = tuple(_READERS)


def _text(gate: Mapping[str, Any], key: str, *, optional: bool = False) -> Any:
    value = gate.get(key)
    if value is None and optional:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT_CHARACTERS:
        raise _wrong(f"{key} is text of 1 to {MAX_TEXT_CHARACTERS} characters")
    return value


def _is_no_number(value: Any) -> bool:
    return isinstance(value, bool) or not isinstance(value, int | float)


def _wrong(fault: str) -> Invalid:
    return Invalid(
        f"The gate cannot be used: {fault}.", next_step="The guide on stages shows each rule."
    )
