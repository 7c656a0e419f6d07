"""Model cards: what their known keys may hold."""

from typing import Any

import pytest

from core.domain.cards import check_card
from core.errors import Invalid
from tests.builders import ADMIN, World


def test_a_card_keeps_what_the_registry_does_not_know() -> None:
    check_card({"readme": "# Iris", "tasks": ["classification"], "languages": [], "mine": {"a": 1}})


@pytest.mark.parametrize(
    ("card", "place"),
    [
        ({"readme": 1}, "card.readme"),
        ({"readme": "x" * (257 << 10)}, "card.readme"),
        ({"tasks": "classification"}, "card.tasks"),
        ({"languages": ["en", 1]}, "card.languages.1"),
        ({"license": ""}, "card.license"),
    ],
)
def test_what_is_wrong_in_a_card_is_named_by_its_place(card: Any, place: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_card(card)

    assert [where for where, _ in refused.value.problems] == [place]


def test_a_card_is_patched_key_by_key_and_can_be_undone() -> None:
    registry = World().registry
    registry.models.register(
        ADMIN, "default", "lily", {"card": {"readme": "old", "license": "MIT"}}
    )

    changed = registry.models.update(
        ADMIN, "default", "lily", {"card": {"readme": "new"}}, expected_revision=None
    )
    undone = registry.history.undo_model(ADMIN, "default", "lily", expected_revision=None)

    assert changed.card == {"readme": "new", "license": "MIT"}
    assert undone.card == {"readme": "old", "license": "MIT"}


def test_a_wrong_card_is_refused_in_a_patch_too() -> None:
    registry = World().registry
    registry.models.register(ADMIN, "default", "lily", {})

    with pytest.raises(Invalid, match=r"card\.tasks"):
        registry.models.update(
            ADMIN, "default", "lily", {"card": {"tasks": 1}}, expected_revision=None
        )
