"""The filters and orders of runs and logged models, held to what the core means by the same."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.fields import bound
from core.domain.logged_models import LOGGED_MODEL_FIELDS
from core.domain.matching import matches
from core.domain.orders import bound_orders
from core.domain.runs import RUN_FIELDS, Run
from core.errors import Invalid
from handlers.api.mlflow.tracking_filters import (
    LOGGED_MODEL_ORDERS,
    RUN_ATTRIBUTES,
    RUN_ORDERS,
    parse_filter,
    parse_logged_filter,
    parse_orders,
)
from tests.contract.entities import NOW, run

SECTIONS = ("tags", "metrics", "parameters", "inputs")
KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9).map(lambda value: round(value, 3))


def fits(text: str, found: Run) -> bool:
    tree = parse_filter(text, RUN_ATTRIBUTES, SECTIONS)
    return matches(None if tree is None else bound(tree, RUN_FIELDS), found, RUN_FIELDS)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@given(KEYS, NUMBERS, NUMBERS, st.sampled_from(["<", "<=", "=", "!=", ">=", ">"]))
def test_metrics_compare_as_numbers_do(
    key: str, value: float, literal: float, operator: str
) -> None:
    expected = {
        "<": value < literal,
        "<=": value <= literal,
        "=": value == literal,
        "!=": value != literal,
        ">=": value >= literal,
        ">": value > literal,
    }[operator]
    found = run(metrics={key: float(value)})

    assert fits(f"metrics.`{key}` {operator} {literal!r}", found) is expected
    assert not fits(f"metrics.`{key}` {operator} {literal!r}", run())


@given(KEYS, TEXTS, TEXTS)
def test_texts_compare_as_texts_do_whatever_quotes_they_hold(
    key: str, value: str, literal: str
) -> None:
    found = run(parameters={key: value}, tags={key: value})

    for section in ("params", "tags", "param", "tag", "parameter"):
        name = f"{section}.`{key}`"
        if key in {"mlflow.runName", "mlflow.parentRunId"}:
            continue
        assert fits(f"{name} = {quoted(literal)}", found) is (value == literal)
        assert fits(f"{name} != {quoted(literal)}", found) is (value != literal)
        assert fits(f"{name} = {quoted(value)} AND {name} != 'not it at all'", found)


@given(NUMBERS | st.booleans())
def test_a_typed_parameter_is_found_by_the_text_that_it_is_shown_as(value: float | bool) -> None:
    found = run(parameters={"p": value})

    assert fits(f"params.p = '{value}'", found)
    assert not fits(f"params.p = '{value}x'", found)


@given(st.text(max_size=60))
def test_whatever_is_no_filter_is_refused_and_nothing_else_happens(text: str) -> None:
    with suppress(Invalid):
        tree = parse_filter(text, RUN_ATTRIBUTES, SECTIONS)
        if tree is not None:
            bound(tree, RUN_FIELDS)


@given(st.text(max_size=40))
def test_whatever_is_no_order_is_refused(text: str) -> None:
    with suppress(Invalid):
        bound_orders(parse_orders([text], RUN_ORDERS, SECTIONS), RUN_FIELDS)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("", True),
        ("status = 'FINISHED'", True),
        ("status = 'finished'", False),
        ("status != 'RUNNING'", True),
        ("attributes.status IN ('FINISHED', 'FAILED')", True),
        ("run_name LIKE 'tr%' and attr.user_id = 'ann'", True),
        ("run.run_name ilike 'TR_'", True),
        ("run_id = '7'", True),
        ("run_id != '7'", False),
        ("run_id IN ('7', 'x')", True),
        ("run_id = 'nonsense'", False),
        ("start_time = 5000", True),
        ("created > 4999.5 AND end_time IS NULL", None),
        ("end_time < 9", False),
        ("artifact_uri = 'mlflow-artifacts:/1/7/artifacts'", True),
        ("artifact_uri != 'mlflow-artifacts:/1/8/artifacts'", True),
        ("params.lr IS NOT NULL AND params.no IS NULL AND tags.no is null", True),
        ("params.lr LIKE '0._'", True),
        ("datasets.name = 'iris' AND dataset.digest IN ('d1')", True),
        ("datasets.context = 'train'", True),
        ("datasets.name = 'wine'", False),
        ("tags.mlflow.parentRunId = '3'", True),
        ("tags.mlflow.parentRunId = '4'", False),
        ("tags.`mlflow.runName` = 'try'", True),
        ("metrics.auc = 'x'", None),
        ("metrics.auc LIKE 'x'", None),
        ("metrics.auc > NaN", None),
        ("params.lr = 0.1", None),
        ("params.lr > '0.1'", None),
        ("start_time = '5'", None),
        ("start_time > 1e300", None),
        ("nothing = 'x'", None),
        ("trace.x = 'x'", None),
        ("datasets.size = 'x'", None),
        ("status = 'x' OR status = 'y'", None),
        ("(status = 'x')", None),
        ("status = 'x';", None),
        ("metrics.auc BETWEEN 1 AND 2", None),
        ("run_id IN ()", None),
        ("tags.a IN ('x')", None),
    ],
)
def test_runs_are_filtered_as_mlflow_does(filter: str, expected: bool | None) -> None:
    found = run(
        "try",
        id=7,
        status="finished",
        owner="ann",
        started_at=NOW.fromtimestamp(5, NOW.tzinfo),
        parent_id=3,
        parameters={"lr": "0.1"},
        metrics={"auc": 0.5},
        inputs=(
            {
                "kind": "dataset",
                "name": "iris",
                "digest": "d1",
                "tags": {"mlflow.data.context": "train"},
            },
        ),
    )

    if expected is None:
        with pytest.raises(Invalid):
            fits(filter, found)
    else:
        assert fits(filter, found) is expected


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        ("metrics.auc DESC", "Path(field='metrics', keys=('auc',))-"),
        ("metric.`a b` asc", "Path(field='metrics', keys=('a b',))+"),
        ('params."x.y"', "Path(field='parameters', keys=('x.y',))+"),
        ("attributes.start_time desc", "Path(field='started_at', keys=())-"),
        ("`Run Name` DESC", "Path(field='name', keys=())-"),
        ("tags.mlflow.runName", "Path(field='name', keys=())+"),
    ],
)
def test_orders_name_what_filters_name(order: str, shown: str) -> None:
    (found,) = parse_orders([order], RUN_ORDERS, SECTIONS)

    assert str(found) == shown


@pytest.mark.parametrize("order", ["nothing", "name DESC ASC", "datasets.name", "", "trace.x"])
def test_an_order_of_something_else_is_refused(order: str) -> None:
    with pytest.raises(Invalid):
        parse_orders([order], LOGGED_MODEL_ORDERS, ("metrics", "parameters", "tags"))


@pytest.mark.parametrize("filter", ["datasets.name = 'x'", "metrics.a = 'x'", "status > 'READY'"])
def test_a_filter_that_logged_models_do_not_have_is_refused(filter: str) -> None:
    with pytest.raises(Invalid):
        parse_logged_filter(filter, [])


def test_metrics_on_several_data_sets_are_a_choice() -> None:
    tree = parse_logged_filter("metrics.auc > 0.5", [("a", "d1"), ("b", "")])

    assert tree is not None
    assert repr(bound(tree, LOGGED_MODEL_FIELDS)).startswith("Or(")
