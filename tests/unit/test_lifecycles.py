"""Which lifecycles make sense, and where a version can go in one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.lifecycle_checks import check_lifecycle
from core.domain.lifecycles import Holds, Lifecycle, Stage, Transition, default_lifecycle
from core.domain.records import record, restore
from core.errors import Conflict, Invalid, NotFound
from tests.contract.entities import AUTHORED, version


def lifecycle(*ways: str, stages: Any = (), **fields: Any) -> Lifecycle:
    """`a>b` is a way, `b<a` a way back; stages are those named, in order."""
    transitions = []
    for way in ways:
        source, _, target = way.rstrip("<").partition(">")
        transitions.append(Transition(from_stage=source, to_stage=target, back=way.endswith("<")))
    names = dict.fromkeys(name for each in transitions for name in (each.from_stage, each.to_stage))
    return Lifecycle(
        namespace="fraud",
        stages=tuple(stages or (Stage(name=name) for name in names)),
        transitions=fields.pop("transitions", tuple(transitions)),
        **AUTHORED,
        **fields,
    )


def faults(wrong: Lifecycle) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        check_lifecycle(wrong)
    return list(caught.value.problems)


def test_the_default_makes_sense_and_has_what_everybody_knows() -> None:
    default = check_lifecycle(default_lifecycle("fraud"))

    assert [stage.name for stage in default.stages] == [
        "Development", "Staging", "Production", "Archived",
    ]  # fmt: skip
    assert default.stage("production").alias == "production"
    assert default.stage("production").holds is Holds.ONE
    assert default.revision == 0


def test_a_circle_is_refused_and_named() -> None:
    ((place, message),) = faults(lifecycle("a>b", "b>c", "c>b"))

    assert place == "transitions"
    assert message.startswith("go in a circle: ")
    assert "b → c → b" in message or "c → b → c" in message


def test_a_way_back_makes_no_circle() -> None:
    assert check_lifecycle(lifecycle("a>b", "b>c", "c>b<", "b>a<"))


def test_a_way_back_leads_back() -> None:
    assert faults(lifecycle("a>b", "a>c", "b>c<"))[0][0] == "transitions.2"


def test_a_stage_that_nothing_leads_to_is_refused() -> None:
    wrong = lifecycle("a>b", stages=[Stage(name="a"), Stage(name="b"), Stage(name="lost")])

    assert faults(wrong) == [("stages.2", "lost cannot be reached from a")]


def test_a_stage_that_only_a_way_back_leads_to_cannot_be_reached() -> None:
    assert faults(lifecycle("a>b", "c>a", "a>c<"))


@pytest.mark.parametrize(
    ("stages", "place"),
    [
        ([], "stages"),
        ([Stage(name="a"), Stage(name="A")], "stages.0.name"),
        ([Stage(name="a/b")], "stages.0.name"),
        ([Stage(name="a", holds=Holds.ONE)], "stages.0"),
        ([Stage(name="a", retired=True)], "stages.0"),
        ([Stage(name="a", alias="x")], "stages.0.alias"),
        ([Stage(name="a"), Stage(name="b", holds=Holds.ONE, alias="latest")], "stages.1.alias"),
        ([Stage(name="a"), Stage(name="b", holds=Holds.ONE, alias="kept")], "stages.1.alias"),
        ([Stage(name="a"), Stage(name="b", displaced_to="c")], "stages.1.displaced_to"),
        (
            [Stage(name="a"), Stage(name="b", holds=Holds.ONE, displaced_to="b")],
            "stages.1.displaced_to",
        ),
        ([Stage(name="a", description="x" * 2_001)], "stages.0.description"),
    ],
)
def test_a_stage_that_makes_no_sense_is_named(stages: list[Stage], place: str) -> None:
    wrong = replace(lifecycle("a>b"), stages=tuple(stages), protected_aliases=("kept",))

    assert place in [where for where, _ in faults(wrong)]


@pytest.mark.parametrize(
    ("way", "place"),
    [
        (Transition(from_stage="a", to_stage="nowhere"), "transitions.0.to"),
        (Transition(from_stage="nowhere", to_stage="a"), "transitions.0.from"),
        (Transition(from_stage="a", to_stage="a"), "transitions.0"),
        (
            Transition(from_stage="a", to_stage="b", gates=({"rule": "luck"},)),
            "transitions.0.gates.0",
        ),
        (
            Transition(
                from_stage="a",
                to_stage="b",
                rollback_gates=({"rule": "metric", "require": "auc > champion"},),
            ),
            "transitions.0.rollback_gates.0",
        ),
        (
            Transition(
                from_stage="a",
                to_stage="b",
                gates=({"rule": "metadata", "schema": {"nonsense": 1}},),
            ),
            "transitions.0.gates.0.schema.nonsense",
        ),
    ],
)
def test_a_way_that_makes_no_sense_is_named(way: Transition, place: str) -> None:
    wrong = lifecycle(stages=[Stage(name="a"), Stage(name="b")], transitions=(way,))

    assert faults(wrong)[0][0] == place


def test_a_version_that_names_no_stage_is_in_the_initial_one_whatever_its_name() -> None:
    before, renamed = lifecycle("a>b"), lifecycle("draft>b")

    assert before.stage_of(version()).name == "a"
    assert renamed.stage_of(version()).name == "draft"
    assert renamed.stored(renamed.initial) is None


def test_a_version_in_a_stage_that_is_no_more_is_not_stranded() -> None:
    assert lifecycle("a>b").stage_of(version(stage="gone")).name == "a"


def test_what_cannot_be_reached_from_here_is_said_with_what_can() -> None:
    default = default_lifecycle("fraud")

    with pytest.raises(Conflict) as caught:
        default.way(default.stage("Development"), default.stage("Production"))
    with pytest.raises(NotFound):
        default.stage("Nirvana")

    assert "Staging, Archived" in caught.value.next_step


def test_a_lifecycle_survives_its_record() -> None:
    default = default_lifecycle("fraud")

    assert restore(Lifecycle, record(default)) == default


NAMES = "abcdef"


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()),
        max_size=15,
        unique_by=lambda way: way[:2],
    )
)
def test_in_what_passes_every_stage_is_reached_and_forward_steps_end(
    ways: list[tuple[str, str, bool]],
) -> None:
    made = lifecycle(
        stages=[Stage(name=name) for name in NAMES],
        transitions=tuple(
            Transition(from_stage=source, to_stage=target, back=back)
            for source, target, back in ways
        ),
    )
    forward = [(source, target) for source, target, back in ways if not back]
    longest = {"a"}
    for _ in NAMES:  # by steps: after as many as there are stages, none is left without a circle
        longest = {target for source, target in forward if source in longest}

    try:
        check_lifecycle(made)
    except Invalid:
        return

    reached = {"a"}
    for _ in NAMES:
        reached |= {target for source, target in forward if source in reached}
    assert reached == set(NAMES)
    assert longest == set()
