"""The decision on gates: what passes, what does not, and what both say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.approvals import Approval, Decision, Verdict
from core.domain.evaluations import Dataset, Evaluation
from core.domain.gate_kinds import RULES, parse_gate
from core.domain.gates import Facts, judge, judged, judged_digest
from core.errors import Invalid, RegistryError
from tests.contract.entities import NOW, version

DAY = timedelta(days=1)


def facts(**fields: Any) -> Facts:
    values = {
        "version": version(3),
        "from_stage": "Staging",
        "to_stage": "Production",
        "requester": "subject:dev:carol",
        "now": NOW,
        "latest": fields.get("now", NOW),
        **fields,
    }
    return Facts(**values)


def verdict(gate: dict[str, Any], known: Facts) -> tuple[bool, str]:
    (found,) = judge([gate], known)
    return found.passed, found.why


def evaluation(number: int = 3, dataset: str = "holdout", **fields: Any) -> Evaluation:
    values: dict[str, Any] = {
        "id": f"e{number}",
        "namespace": "fraud",
        "model": "iris",
        "number": number,
        "dataset": Dataset(name=dataset),
        "metrics": {},
        "evaluator": "sklearn",
        "evaluated_at": NOW,
        "digest": "sha256:" + "1" * 64,
        "size_bytes": 1,
        "created_at": NOW,
        "created_by": "subject:dev:alice",
        **fields,
    }
    return Evaluation(**values)


def approval(digest: str, *people: str, **fields: Any) -> Approval:
    values: dict[str, Any] = {
        "id": "a1",
        "namespace": "fraud",
        "model": "iris",
        "number": 3,
        "from_stage": "Staging",
        "to_stage": "Production",
        "author": "subject:dev:alice",
        "requested_by": "subject:dev:carol",
        "requested_at": NOW,
        "digest": digest,
        "expires_at": NOW + 7 * DAY,
        "updated_at": NOW,
        "updated_by": "subject:dev:carol",
        "decisions": tuple(
            Decision(by=by, roles=("approver",), verdict=Verdict.APPROVE, digest=digest, at=NOW)
            for by in people
        ),
        **fields,
    }
    return Approval(**values)


def metric(require: str, **fields: Any) -> dict[str, Any]:
    return {"rule": "metric", "require": require, **fields}


@pytest.mark.parametrize(
    ("require", "passes"),
    [
        ("auc >= 0.9", True),
        ("auc > 0.9", False),
        ("auc <= 0.9", True),
        ("auc < 0.9", False),
        ("auc<.91", True),
        ('"auc" >= 9e-1', True),
        ("auc >= -1", True),
        ("auc >= champion", False),
        ("auc >= champion - 0.005", True),
        ("auc > champion - 0.005", False),
        ("auc <= champion + 0.1", True),
    ],
)
def test_a_metric_is_compared_exactly(require: str, passes: bool) -> None:
    # 0.905 - 0.005 is below 0.9 in binary floating point, and is not for anybody who reads it.
    known = facts(
        version=version(3, metrics={"auc": 0.9}),
        champions={"Production": version(2, metrics={"auc": 0.905})},
    )

    assert verdict(metric(require), known)[0] is passes


def test_a_metric_that_nobody_recorded_fails_and_says_so() -> None:
    passed, why = verdict(metric("recall >= 0"), facts(version=version(3, metrics={"auc": 1})))

    assert not passed
    assert why == "nobody recorded recall of version 3"


def test_a_champion_without_the_metric_fails_and_says_so() -> None:
    known = facts(version=version(3, metrics={"auc": 0.9}), champions={"Production": version(2)})

    assert verdict(metric("auc >= champion"), known) == (
        False,
        "nobody recorded auc of version 2",
    )


def test_the_first_version_has_nothing_to_be_compared_with() -> None:
    known = facts(version=version(3, metrics={"auc": 0.9}))

    passed, why = verdict(metric("auc >= champion"), known)

    assert passed
    assert "Production holds no version" in why


def test_a_metric_on_a_data_set_is_that_of_the_newest_evaluation_on_it() -> None:
    known = facts(
        champions={"Production": version(2)},
        evaluations=[
            evaluation(3, metrics={"auc": 0.9}, created_at=NOW - DAY, evaluated_at=NOW - DAY),
            evaluation(3, metrics={"auc": 0.8}),
            evaluation(2, metrics={"auc": 0.85}),
            evaluation(3, "other", metrics={"auc": 1}),
        ],
    )

    assert not verdict(metric("auc >= champion", dataset="holdout"), known)[0]
    assert verdict(metric("auc >= champion - 0.05", dataset="holdout"), known)[0]
    assert verdict(metric("auc >= 0.1", dataset="lost"), known) == (
        False,
        "version 3 has no evaluation on lost",
    )


@pytest.mark.parametrize(
    ("at", "passes"), [(NOW - 29 * DAY, True), (NOW - 30 * DAY, True), (NOW - 31 * DAY, False)]
)
def test_an_evaluation_grows_old(at: datetime, passes: bool) -> None:
    gate = {"rule": "evaluation", "dataset": "holdout", "max_age_days": 30}
    known = facts(evaluations=[evaluation(evaluated_at=at)])

    assert verdict(gate, known)[0] is passes


def test_a_clock_that_jumped_back_makes_no_evaluation_young_again() -> None:
    gate = {"rule": "evaluation", "dataset": "holdout", "max_age_days": 30}
    known = facts(
        now=NOW - 20 * DAY, latest=NOW, evaluations=[evaluation(evaluated_at=NOW - 31 * DAY)]
    )

    assert not verdict(gate, known)[0]


def test_an_evaluation_on_other_data_of_the_same_name_is_none() -> None:
    gate = {"rule": "evaluation", "dataset": "holdout", "digest": "sha256:2"}

    assert not verdict(gate, facts(evaluations=[evaluation()]))[0]


@pytest.mark.parametrize(
    ("gate", "passes"),
    [
        ({"name": "card"}, True),
        ({"name": "card", "kind": "document"}, True),
        ({"media_type": "text/markdown"}, True),
        ({"name": "card", "kind": "dataset"}, False),
        ({"name": "bom"}, False),
    ],
)
def test_an_artifact_is_required_by_what_it_is(gate: dict[str, Any], passes: bool) -> None:
    card = {"name": "card", "kind": "document", "media_type": "text/markdown", "path": "README.md"}

    found, why = verdict({"rule": "artifact", **gate}, facts(version=version(3, artifacts=(card,))))

    assert found is passes
    assert "card" in why


def approving(*people: str, **changes: Any) -> tuple[bool, str]:
    gate = {"rule": "approval", "count": 2}
    known = version(3)
    digest = judged_digest(known, (), [gate])
    request = approval(changes.pop("digest", digest), *people, **changes)
    return verdict(gate, facts(version=known, approvals=[request]))


def test_two_people_who_saw_what_is_there_now_open_the_gate() -> None:
    assert approving("subject:dev:bob", "subject:dev:dan")[0]


@pytest.mark.parametrize(
    ("people", "changes"),
    [
        (("subject:dev:bob",), {}),
        (("subject:dev:bob", "subject:dev:bob"), {}),
        (("subject:dev:bob", "subject:dev:alice"), {}),  # the author
        (("subject:dev:bob", "subject:dev:carol"), {}),  # who asked
        (("subject:dev:bob", "subject:dev:dan"), {"digest": "sha256:" + "0" * 64}),
        (("subject:dev:bob", "subject:dev:dan"), {"number": 4}),
        (("subject:dev:bob", "subject:dev:dan"), {"from_stage": "Development"}),
        (("subject:dev:bob", "subject:dev:dan"), {"to_stage": "Staging"}),
        (("subject:dev:bob", "subject:dev:dan"), {"state": "rejected"}),
        (
            ("subject:dev:bob", "subject:dev:dan"),
            {"expires_at": NOW + DAY, "updated_at": NOW + DAY},
        ),
    ],
)
def test_anything_less_does_not(people: tuple[str, ...], changes: dict[str, Any]) -> None:
    from core.domain.approvals import ApprovalState

    if "state" in changes:
        changes = {"state": ApprovalState(changes["state"])}

    assert not approving(*people, **changes)[0]


def test_an_approval_without_the_role_does_not_count() -> None:
    gate = {"rule": "approval", "role": "owner"}
    known = version(3)
    request = approval(judged_digest(known, (), [gate]), "subject:dev:bob")

    assert not verdict(gate, facts(version=known, approvals=[request]))[0]


def test_what_was_decided_on_something_else_is_said_to_have_lapsed() -> None:
    _, why = approving("subject:dev:bob", "subject:dev:dan", digest="sha256:" + "0" * 64)

    assert why == "0 of 2; what subject:dev:bob, subject:dev:dan decided on has changed since"


def test_whatever_is_judged_is_in_the_digest() -> None:
    gate = {"rule": "approval"}
    seen = judged(version(3), [], [gate])
    changed = [
        judged(version(3, description="new"), [], [gate]),
        judged(version(3, tags={"a": "b"}), [], [gate]),
        judged(version(3, digest="sha256:" + "1" * 64), [], [gate]),
        judged(version(4), [], [gate]),
        judged(version(3), [evaluation()], [gate]),
        judged(version(3), [], [gate, metric("auc > 1")]),
    ]

    assert len({each.digest for each in [seen, *changed]}) == len(changed) + 1
    assert seen.differences(changed[0].parts) == ("description",)
    assert seen.differences(changed[4].parts) == ("evaluations",)


def test_what_is_not_judged_is_not_in_the_digest() -> None:
    gate = {"rule": "approval"}
    seen = judged_digest(version(3), [], [gate])

    assert (
        judged_digest(version(3, stage="Staging", aliases=("a",), revision=9), [], [gate]) == seen
    )
    assert judged_digest(version(3), [evaluation(2)], [gate]) == seen


FREEZE = {
    "rule": "freeze",
    "from": "2026-12-20T00:00:00Z",
    "until": "2027-01-04T00:00:00Z",
    "because": "holidays",
}
START, END = datetime(2026, 12, 20, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("now", "latest", "passes"),
    [
        (START - MOMENT, START - MOMENT, True),
        (START, START, False),
        (END - MOMENT, END - MOMENT, False),
        (END, END, True),
        (START - 30 * DAY, START, False),  # the clock jumped back out of the freeze
        (START - 30 * DAY, END + DAY, False),  # and over the whole of it
        (START + DAY, END + DAY, False),  # something is dated after it; the clock is within
        (START - 30 * DAY, START - DAY, True),
    ],
)
def test_a_freeze_holds_whatever_the_clock_does(
    now: datetime, latest: datetime, passes: bool
) -> None:
    found, why = verdict(FREEZE, facts(now=now, latest=latest))

    assert found is passes
    assert passes or "holidays" in why


FRIDAY = datetime(2026, 11, 27, tzinfo=UTC)
WEEKLY = {"rule": "freeze", "days": ["fri", "sat"], "from": "16:00"}


@pytest.mark.parametrize(
    ("now", "latest", "passes"),
    [
        (FRIDAY + timedelta(hours=15, minutes=59), None, True),
        (FRIDAY + timedelta(hours=16), None, False),
        (FRIDAY + timedelta(hours=30), None, True),
        (FRIDAY + timedelta(hours=41), None, False),
        (FRIDAY - 2 * DAY, FRIDAY + timedelta(hours=15), True),
        (FRIDAY - 2 * DAY, FRIDAY + timedelta(hours=17), False),
        (FRIDAY - 5 * DAY, FRIDAY + 30 * DAY, False),
    ],
)
def test_a_weekly_freeze_too(now: datetime, latest: datetime | None, passes: bool) -> None:
    assert verdict(WEEKLY, facts(now=now, latest=latest or now))[0] is passes


def test_what_nobody_looked_at_is_closed() -> None:
    for gate in ({"rule": "hook", "name": "ticket"}, {"rule": "metadata", "schema": {}}):
        assert not verdict(gate, facts())[0]
        assert verdict(gate, facts(findings={0: ""}))[0]
        assert verdict(gate, facts(findings={0: "no ticket"})) == (False, "no ticket")


@pytest.mark.parametrize("gate", [{"rule": "telepathy"}, {}, {"rule": "metric"}])
def test_a_gate_that_cannot_be_read_is_closed(gate: dict[str, Any]) -> None:
    assert not verdict(gate, facts())[0]


@pytest.mark.parametrize(
    "gate",
    [
        "metric",
        {"rule": "metric", "require": "auc"},
        {"rule": "metric", "require": "auc >= nan"},
        {"rule": "metric", "require": "auc >= 1e999"},
        {"rule": "metric", "require": "auc == 1"},
        {"rule": "metric", "require": "auc >= 1", "against": "Production"},
        {"rule": "metric", "require": "auc >= 1", "threshold": 2},
        {"rule": "evaluation"},
        {"rule": "evaluation", "dataset": "x", "max_age_days": 0},
        {"rule": "evaluation", "dataset": "x", "max_age_days": True},
        {"rule": "evaluation", "dataset": "x", "max_age_days": 1e300},
        {"rule": "artifact"},
        {"rule": "artifact", "kind": "car"},
        {"rule": "approval", "count": 0},
        {"rule": "approval", "count": 1.5},
        {"rule": "approval", "role": "admin"},
        {"rule": "approval", "role": "writer"},
        {"rule": "approval", "role": ["approver"]},
        {"rule": "freeze"},
        {"rule": "freeze", "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"rule": "freeze", "days": ["someday"]},
        {"rule": "freeze", "days": [["fri"]]},
        {"rule": "freeze", "days": ["fri"], "from": "25:00"},
        {"rule": "freeze", "days": ["fri"], "from": "22:00", "until": "06:00"},
        {"rule": "hook"},
        {"rule": "hook", "name": "x", "settings": 1},
        {"rule": "metadata", "schema": {"type": "object", "$ref": "https://elsewhere"}},
    ],
)
def test_a_gate_that_makes_no_sense_is_refused(gate: Any) -> None:
    with pytest.raises(Invalid):
        parse_gate(gate)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from(RULES),
    st.dictionaries(
        st.sampled_from(
            [
                *("require", "dataset", "against", "schema", "max_age_days", "digest", "name"),
                *("kind", "media_type", "count", "role", "from", "until", "days", "because"),
                "settings",
            ]
        ),
        JSON,
        max_size=4,
    ),
)
def test_whatever_is_sent_as_a_gate_is_read_or_refused(rule: str, fields: dict[str, Any]) -> None:
    try:
        parse_gate({"rule": rule, **fields})
    except RegistryError:
        return


@given(
    st.floats(-1e9, 1e9, allow_subnormal=False),
    st.floats(-1e9, 1e9, allow_subnormal=False),
    st.sampled_from(["<", "<=", ">", ">="]),
)
def test_a_metric_gate_is_what_the_comparison_says(
    value: float, threshold: float, operator: str
) -> None:
    known = facts(version=version(3, metrics={"m": value}))
    expected = {
        "<": value < threshold,
        "<=": value <= threshold,
        ">": value > threshold,
        ">=": value >= threshold,
    }[operator]

    assert verdict(metric(f"m {operator} {threshold!r}"), known)[0] is expected
