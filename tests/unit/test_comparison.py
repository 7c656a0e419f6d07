"""Versions side by side: what differs, gains, and which is best."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.comparison import Compared, Direction, Row, compare, direction_of
from core.domain.files import File
from core.domain.versions import ModelVersion, parse_reference
from core.errors import Forbidden, Invalid, NotFound
from core.services.comparisons import Named
from tests.builders import ADMIN, World, caller

letters = st.characters(codec="utf-8", exclude_characters="\0")
keys = st.text(letters, min_size=1, max_size=4)
leaves = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(letters, max_size=5)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
maps = st.dictionaries(keys, trees, max_size=4)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-1000, 1000)
metrics = st.dictionaries(st.sampled_from(["accuracy", "loss", "oddity"]), numbers)


def example() -> ModelVersion:
    world = World()
    world.registry.models.register(ADMIN, "default", "iris", {})
    version: ModelVersion = world.registered({})
    return version


EXAMPLE = example()


@pytest.fixture
def plain() -> ModelVersion:
    return EXAMPLE


def rows(*versions: ModelVersion) -> list[Row]:
    return [row for row in compare([Compared(each) for each in versions]) if row.differs]


def values(row: Row) -> list[Any]:
    return [cell and cell.value for cell in row.cells]


def test_only_what_differs_differs(plain: ModelVersion) -> None:
    first = replace(plain, parameters={"C": 1, "seed": 7}, license="MIT")
    second = replace(plain, parameters={"C": 2, "seed": 7}, license="MIT")

    (row,) = rows(first, second)

    assert (row.section, row.name, values(row)) == ("parameters", "C", [1, 2])


def test_values_of_another_type_differ(plain: ModelVersion) -> None:
    (row,) = rows(replace(plain, parameters={"x": 1}), replace(plain, parameters={"x": True}))

    assert row.name == "x"


def test_a_value_of_null_is_not_an_absent_one(plain: ModelVersion) -> None:
    (row,) = rows(replace(plain, parameters={"x": None}), plain)

    assert row.cells[0] is not None
    assert row.cells[1] is None


def test_named_things_in_lists_are_compared_by_name(plain: ModelVersion) -> None:
    columns = [{"name": "age", "type": "long"}, {"name": "a.b", "type": "double"}]
    first = replace(plain, signature={"inputs": columns})
    second = replace(plain, signature={"inputs": [{"name": "age", "type": "float"}, columns[1]]})
    third = replace(plain, signature={"inputs": columns[:1]})

    found = {row.name: values(row) for row in rows(first, second, third)}

    assert found == {
        "inputs.age.type": ["long", "float", "long"],
        'inputs."a.b".type': ["double", "double", None],
    }


def test_metrics_show_gain_direction_and_the_best(plain: ModelVersion) -> None:
    first = replace(plain, metrics={"accuracy": 0.8, "loss": 0.5, "oddity": 1})
    second = replace(plain, metrics={"accuracy": 0.9, "loss": 0.75, "oddity": 2})

    accuracy, loss, oddity = rows(first, second)

    assert (accuracy.direction, accuracy.best) == (Direction.HIGHER, (1,))
    assert accuracy.cells[1] is not None
    assert accuracy.cells[1].delta == pytest.approx(0.1)
    assert accuracy.cells[1].relative == pytest.approx(0.125)
    assert (loss.direction, loss.best) == (Direction.LOWER, (0,))
    assert (oddity.direction, oddity.best) == (None, ())


def test_metadata_may_say_what_is_good(plain: ModelVersion) -> None:
    stated = {"metric_directions": {"oddity": "lower", "loss": "sideways"}}
    first = replace(plain, metrics={"oddity": 1, "loss": 1}, metadata=stated)
    second = replace(plain, metrics={"oddity": 2, "loss": 2})

    loss, oddity = rows(second, first)

    assert (oddity.direction, oddity.best) == (Direction.LOWER, (1,))
    assert loss.direction is Direction.LOWER


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("accuracy", Direction.HIGHER),
        ("val_f1_macro", Direction.HIGHER),
        ("roc-auc", Direction.HIGHER),
        ("R2", Direction.HIGHER),
        ("test.rmse", Direction.LOWER),
        ("log_loss", Direction.LOWER),
        ("p99_latency_ms", Direction.LOWER),
        ("logloss", Direction.LOWER),
        ("neg_log_loss", Direction.HIGHER),
        ("neg_mean_squared_error", Direction.HIGHER),
        ("neg_temperature", None),
        ("test/wer", Direction.LOWER),
        ("mAP@0.5", Direction.HIGHER),
        ("power", None),
        ("probability_of_cancer", None),
        ("mapping", None),
        ("temperature", None),
        ("", None),
    ],
)
def test_common_names_say_what_is_good(metric: str, direction: Direction | None) -> None:
    assert direction_of(metric, {}) is direction


def test_files_are_compared_by_digest(plain: ModelVersion) -> None:
    def file(path: str, letter: str) -> File:
        return File(
            version_id=1, namespace="default", path=path, size_bytes=1, sha256=letter * 64, key="k"
        )

    first = Compared(plain, [file("a", "a"), file("b", "b")])
    second = Compared(plain, [file("a", "a"), file("b", "c"), file("d", "d")])

    found = [(row.section, row.name) for row in compare([first, second]) if row.differs]

    assert found == [("files", "b"), ("files", "d")]


@given(maps, metrics)
def test_a_version_does_not_differ_from_itself(tree: Any, numbers: Any) -> None:
    one = replace(EXAMPLE, parameters=tree, environment=tree, metrics=numbers)

    assert rows(one, one, one) == []


@given(metrics, metrics)
def test_gains_turn_their_sign_with_the_order(first: Any, second: Any) -> None:
    one, other = replace(EXAMPLE, metrics=first), replace(EXAMPLE, metrics=second)

    there = {row.name: row for row in compare([Compared(one), Compared(other)])}
    back = {row.name: row for row in compare([Compared(other), Compared(one)])}

    for name in first.keys() & second.keys():
        forward, backward = there[name].cells[1], back[name].cells[1]
        assert forward is not None
        assert backward is not None
        assert forward.delta == -(backward.delta or 0)
        assert there[name].best == tuple(1 - at for at in reversed(back[name].best))


@given(maps, maps, maps)
def test_the_order_of_versions_only_moves_the_columns(first: Any, second: Any, third: Any) -> None:
    versions = [replace(EXAMPLE, parameters=each) for each in (first, second, third)]

    there = {(row.section, row.name): values(row) for row in rows(*versions)}
    back = {(row.section, row.name): values(row) for row in rows(*reversed(versions))}

    assert there == {name: list(reversed(cells)) for name, cells in back.items()}


def named(text: str) -> Named:
    namespace, model, reference = text.split(" ")
    return Named(namespace, model, parse_reference(reference))


def test_versions_of_several_models_and_their_files_are_compared() -> None:
    world = World()
    world.pushed({"w": b"1", "same": b"x"}, parameters={"C": 1})
    world.pushed({"w": b"2", "same": b"x"}, model="lily", parameters={"C": 1})

    found = world.registry.comparisons.compare(
        ADMIN, [named("default iris latest"), named("default lily 1")]
    )

    assert [each.model for each in found.versions] == ["iris", "lily"]
    assert [(row.section, row.name) for row in found.rows if row.differs] == [("files", "w")]


@pytest.mark.parametrize("count", [0, 1, 21])
def test_two_to_twenty_versions_can_be_compared(count: int) -> None:
    world = World()
    world.pushed({"w": b"1"})

    with pytest.raises(Invalid, match=f"{count} versions"):
        world.registry.comparisons.compare(ADMIN, [named("default iris 1")] * count)


def test_a_version_that_may_not_be_read_is_not_there() -> None:
    world = World()
    world.pushed({"w": b"1"})
    stranger = caller()

    with pytest.raises((NotFound, Forbidden)):
        world.registry.comparisons.compare(stranger, [named("default iris 1")] * 2)


def test_all_kinds_of_metrics_show_what_they_gained(plain: ModelVersion) -> None:
    first, second = (replace(plain, training_metrics={"loss": loss}) for loss in (2.0, 1.0))

    (row,) = rows(first, second)

    assert row.section == "training_metrics"
    assert [cell and cell.delta for cell in row.cells] == [0.0, -1.0]
    assert row.best == (1,)
