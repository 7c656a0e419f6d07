"""The figures of slices and fairness are those that counting by hand gives."""

import math
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelry.evaluation import Predictions
from modelry.evaluation.classification import (
    classification_metrics,
    confusion_matrix,
    curves,
)
from modelry.evaluation.groups import OTHERS, differences, fairness, groups_of, slices
from modelry.evaluation.labels import labelled
from modelry.evaluation.regression import numbered, regression_metrics

rows = st.lists(
    st.tuples(
        st.sampled_from(["no", "yes"]),
        st.sampled_from(["no", "yes"]),
        st.sampled_from(["a", "b", "c", None]),
    ),
    min_size=1,
    max_size=40,
).filter(lambda each: len({label for true, said, _ in each for label in (true, said)}) == 2)
numbers = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.sampled_from(["a", "b", None])),
    min_size=1,
    max_size=30,
)


def made(each: Any, positive: Any = None) -> Any:
    said = Predictions("classification", [row[1] for row in each], ["no", "yes"])
    return labelled(numpy.array([row[0] for row in each]), said, positive)


def column(each: Any) -> Any:
    return numpy.array([row[2] for row in each], dtype=object)


def share(chosen: list[bool]) -> float | None:
    return sum(chosen) / len(chosen) if chosen else None


def by_hand(each: Any, positive: str) -> dict[str, float]:
    """The rates of a group, counted."""
    found = {
        "accuracy": share([true == said for true, said, _ in each]),
        "base_rate": share([true == positive for true, _, _ in each]),
        "selection_rate": share([said == positive for _, said, _ in each]),
        "true_positive_rate": share(
            [said == positive for true, said, _ in each if true == positive]
        ),
        "false_positive_rate": share(
            [said == positive for true, said, _ in each if true != positive]
        ),
    }
    return {name: value for name, value in found.items() if value is not None}


def gap(groups: list[dict[str, float]], rate: str) -> float | None:
    """The largest difference between any two groups that have the rate, each pair looked at."""
    rates = [group[rate] for group in groups if rate in group]
    pairs = [abs(one - other) for one in rates for other in rates]
    return max(pairs) if len(rates) > 1 else None


@given(rows, st.sampled_from(["no", "yes"]))
def test_the_fairness_of_a_classifier_is_what_counting_gives(each: Any, positive: str) -> None:
    found = fairness(made(each, positive), "group", column(each))

    groups = {name: [row for row in each if row[2] == name] for name in {row[2] for row in each}}
    assert {part["value"]: part["rows"] for part in found["groups"]} == {
        name: len(part) for name, part in groups.items()
    }
    counted = {name: by_hand(part, positive) for name, part in groups.items()}
    for part in found["groups"]:
        assert part["metrics"] == pytest.approx(counted[part["value"]])
    expected: dict[str, Any] = {
        "accuracy_difference": gap([*counted.values()], "accuracy"),
        "demographic_parity_difference": gap([*counted.values()], "selection_rate"),
        "equal_opportunity_difference": gap([*counted.values()], "true_positive_rate"),
        "false_positive_rate_difference": gap([*counted.values()], "false_positive_rate"),
    }
    odds = [expected["equal_opportunity_difference"], expected["false_positive_rate_difference"]]
    if None not in odds:
        expected["equalized_odds_difference"] = max(odds)
    selected = [group["selection_rate"] for group in counted.values()]
    if len(selected) > 1 and any(selected):
        expected["demographic_parity_ratio"] = min(
            one / other for one in selected for other in selected if other
        )
    wanted = {name: value for name, value in expected.items() if value is not None}
    assert found["differences"] == pytest.approx(wanted)


@given(rows)
def test_the_slices_of_a_classifier_are_what_counting_gives(each: Any) -> None:
    found = slices(made(each), "group", column(each))

    assert sum(part["rows"] for part in found) == len(each)
    for part in found:
        mine = [row for row in each if row[2] == part["value"]]
        hits = sum(true == said == "yes" for true, said, _ in mine)
        said, true = (sum(row[at] == "yes" for row in mine) for at in (1, 0))
        expected = {
            "accuracy": share([true == said for true, said, _ in mine]),
            "precision": hits / said if said else None,
            "recall": hits / true if true else None,
            "f1": 2 * hits / (said + true) if said + true else None,
        }
        for name, value in expected.items():
            assert part["metrics"].get(name) == (None if value is None else pytest.approx(value))
        assert part["column"] == "group"
        assert all(math.isfinite(value) for value in part["metrics"].values())


@given(rows)
def test_a_confusion_matrix_counts_every_row_once(each: Any) -> None:
    found = confusion_matrix(made(each))

    assert found == {
        "labels": ["no", "yes"],
        "matrix": [
            [sum(row[:2] == (true, said) for row in each) for said in ("no", "yes")]
            for true in ("no", "yes")
        ],
    }


@given(numbers)
def test_the_fairness_of_a_regression_is_what_adding_up_gives(each: Any) -> None:
    truth = numpy.array([row[0] for row in each])
    made_of = numbered(truth, Predictions("regression", [row[1] for row in each]))

    found = fairness(made_of, "group", column(each))

    errors = {}
    for part in found["groups"]:
        mine = [row for row in each if row[2] == part["value"]]
        errors[part["value"]] = sum(abs(said - true) for true, said, _ in mine) / len(mine)
        assert part["rows"] == len(mine)
        assert part["metrics"] == pytest.approx(
            {
                "mae": errors[part["value"]],
                "mean_error": sum(said - true for true, said, _ in mine) / len(mine),
                "mean_prediction": sum(said for _, said, _ in mine) / len(mine),
            }
        )
    if len(errors) > 1:
        largest = max(abs(a - b) for a in errors.values() for b in errors.values())
        assert found["differences"]["mae_difference"] == pytest.approx(largest)
    else:
        assert found["differences"] == {}


@given(numbers)
def test_the_metrics_of_a_regression_are_what_adding_up_gives(each: Any) -> None:
    truth = numpy.array([row[0] for row in each])
    found = regression_metrics(numbered(truth, Predictions("regression", [row[1] for row in each])))

    errors = [said - true for true, said, _ in each]
    squares = sum(error**2 for error in errors) / len(errors)
    assert found["mae"] == pytest.approx(sum(map(abs, errors)) / len(errors))
    assert found["rmse"] == pytest.approx(math.sqrt(squares))
    mean = sum(row[0] for row in each) / len(each)
    spread = sum((row[0] - mean) ** 2 for row in each) / len(each)
    assert found.get("r2") == (None if spread == 0 else pytest.approx(1 - squares / spread))
    assert ("mape" in found) is all(row[0] for row in each)


values = st.one_of(
    st.lists(st.sampled_from(["x", "y", None, ""]), min_size=1),
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=80),
    st.lists(st.floats(-100, 100) | st.just(math.nan), min_size=1, max_size=60),
    st.lists(st.booleans(), min_size=1),
    st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=120),
)


@given(values)
def test_every_row_is_in_one_group_and_there_are_few(each: list[Any]) -> None:
    found = groups_of(numpy.array(each, dtype=object))

    places = sorted(int(place) for group in found for place in group.places)
    assert places == list(range(len(each)))
    assert len({(type(group.value), group.value) for group in found}) == len(found) <= 52
    for group in found:
        inside = [each[place] for place in group.places]
        if isinstance(group.value, str) and " to " in group.value:
            low, high = (float(bound) for bound in group.value.split(" to "))
            assert all(low - 1e-3 <= value <= high + 1e-3 for value in inside)
        elif group.value is None:
            assert all(value is None or value == "" or value != value for value in inside)
        elif group.value != OTHERS:
            assert {*inside} == {group.value}


@given(rows, st.integers(0, 2**32 - 1))
def test_curves_rise_from_corner_to_corner(each: Any, seed: int) -> None:
    scores = numpy.random.default_rng(seed).random(len(each))
    said = Predictions("classification", [row[1] for row in each], ["no", "yes"], scores)
    found = curves(labelled(numpy.array([row[0] for row in each]), said))

    assert {curve["name"] for curve in found} in ({"roc", "precision_recall"}, set())
    for curve in found:
        assert len(curve["x"]) == len(curve["y"]) == len(curve["thresholds"]) <= 200
        assert all(0 <= number <= 1 for number in (*curve["x"], *curve["y"]))
        if curve["name"] == "roc":
            assert (curve["x"][0], curve["y"][0]) == (0, 0)
            assert (curve["x"][-1], curve["y"][-1]) == (1, 1)
            assert curve["x"] == sorted(curve["x"])
            assert curve["y"] == sorted(curve["y"])


@given(rows, st.integers(0, 2**32 - 1))
def test_the_area_under_the_curve_is_how_often_pairs_are_in_order(each: Any, seed: int) -> None:
    scores = numpy.random.default_rng(seed).integers(0, 5, len(each)) / 4
    said = Predictions("classification", [row[1] for row in each], ["no", "yes"], scores)
    found = classification_metrics(labelled(numpy.array([row[0] for row in each]), said))

    pairs = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for (true, _, _), high in zip(each, scores, strict=True)
        if true == "yes"
        for (other, _, _), low in zip(each, scores, strict=True)
        if other == "no"
    ]
    assert found.get("roc_auc") == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


def test_a_curve_of_many_rows_keeps_few_points() -> None:
    random = numpy.random.default_rng(7)
    truth = random.integers(0, 2, 5_000)
    said = Predictions("classification", truth, [0, 1], random.random(5_000))

    found = curves(labelled(truth, said))

    assert [len(curve["x"]) for curve in found] == [200, 200]
    assert found[0]["x"][-1] == found[0]["y"][-1] == 1


def test_what_no_group_can_show_makes_no_difference() -> None:
    assert differences([]) == {}
    assert differences([{"selection_rate": 0.0}, {"selection_rate": 0.0}]) == {
        "demographic_parity_difference": 0.0
    }
    assert differences([{"true_positive_rate": 0.5}, {"false_positive_rate": 0.5}]) == {}


def test_three_classes_are_averaged_and_drawn_one_against_the_rest() -> None:
    truth = numpy.array([0, 1, 2, 2, 1, 0])
    scores = numpy.eye(3)[[0, 1, 2, 1, 1, 0]]
    made_of = labelled(truth, Predictions("classification", [0, 1, 2, 1, 1, 0], [0, 1, 2], scores))

    found = classification_metrics(made_of)

    assert found["accuracy"] == pytest.approx(5 / 6)
    assert found["recall_macro"] == pytest.approx((1 + 1 + 0.5) / 3)
    assert "recall" not in found
    assert [(each["name"], each["label"]) for each in curves(made_of)] == [
        (name, label) for label in (0, 1, 2) for name in ("roc", "precision_recall")
    ]
    assert set(fairness(made_of, "g", numpy.array(list("ababab")))["differences"]) == {
        "accuracy_difference"
    }
    assert (
        "demographic_parity_difference"
        in (
            fairness(
                labelled(truth, Predictions("classification", [0, 1, 2, 1, 1, 0], [0, 1, 2]), "2"),
                "g",
                numpy.array(list("ababab")),
            )["differences"]
        )
    )


def test_a_class_that_the_model_does_not_know_counts_against_it() -> None:
    truth = numpy.array(["a", "b", "c"])
    scores = numpy.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    said = Predictions("classification", ["a", "b", "b"], ["a", "b"], scores)

    found = classification_metrics(labelled(truth, said))

    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["log_loss"] > 5
