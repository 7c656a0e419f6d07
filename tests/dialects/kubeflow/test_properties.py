"""Names and values of Kubeflow's dialect, there and back again."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.common import patched
from core.domain.names import check_model_name
from core.errors import Invalid
from handlers.api.kubeflow.filters import parse_filter
from handlers.api.kubeflow.properties import all_shown, read_all, replacing
from handlers.api.kubeflow.routes.model_versions import KNOWN
from handlers.api.names import name_outside, name_within
from tests.builders import ADMIN, World

NAMES = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=20)
PLAIN = (
    st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10)
)
KEYS = st.text("abc.$", min_size=1, max_size=4)
VALUES = st.recursive(PLAIN, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)
MAPS = st.dictionaries(KEYS, VALUES, max_size=4)


@given(NAMES)
def test_any_name_is_kept(name: str) -> None:
    within = name_within(name)

    assert name_outside(within) == name
    check_model_name(within)


@given(MAPS)
def test_values_of_kubeflows_types_come_back_exactly(values: dict[str, Any]) -> None:
    back = read_all(all_shown(values))

    assert back == values
    assert {name: type(value) for name, value in back.items()} == {
        name: type(value) for name, value in values.items()
    }


@given(MAPS, MAPS)
def test_replacing_makes_one_map_of_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    world = World()
    model = world.registry.models.register(ADMIN, "default", "iris", {"custom_properties": before})
    patch = {"custom_properties": replacing(before, after)}

    changed = patched(model, patch, at=world.clock.now(), by="x")

    assert all_shown(changed.custom_properties) == all_shown(after)


@given(st.text(st.sampled_from("ab='\"`()\\.<>!%_ 019e+-,INLKEORAD\n"), max_size=40))
def test_a_filter_is_a_tree_or_is_refused(text: str) -> None:
    with contextlib.suppress(Invalid):
        parse_filter(text, KNOWN)


@pytest.mark.parametrize(
    "text", ["name = 'a' OR", "a IN", "a BETWEEN 1", "NOT a = 1", "a IS NULL", "a == 1", "'a' = a"]
)
def test_what_the_language_has_not_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_filter(text, KNOWN)
