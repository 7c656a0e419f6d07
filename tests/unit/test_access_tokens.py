"""The texts of access tokens: made to be found, never to be guessed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import access_tokens
from core.domain.access import Action, Role
from core.domain.access_tokens import (
    AccessToken,
    Keyed,
    Pepper,
    TokenKind,
    is_token,
    keyed,
    new_token,
    token_id_of,
)
from core.errors import Invalid

AT = datetime(2026, 11, 24, tzinfo=UTC)
OLD, NEW = Pepper("old", "o" * 32), Pepper("new", "n" * 32)


def token(**fields: Any) -> AccessToken:
    whole: dict[str, Any] = {
        "id": "0123456789",
        "kind": TokenKind.PERSONAL,
        "owner": "subject:dev:alice",
        "name": "laptop",
        "created_at": AT,
        "created_by": "subject:dev:alice",
        "expires_at": AT + timedelta(days=1),
    }
    return AccessToken(**{**whole, **fields})


@pytest.mark.parametrize("kind", TokenKind)
def test_a_scanner_of_secrets_can_tell_a_token(kind: TokenKind) -> None:
    token_id, text = new_token(kind)

    assert re.fullmatch(rf"mdl_{kind}_[0-9A-Za-z]{{48}}", text)
    assert token_id_of(text) == token_id


def test_no_two_tokens_are_alike() -> None:
    assert len({new_token(TokenKind.PERSONAL)[1] for _ in range(200)}) == 200


@given(st.data())
def test_a_token_with_any_character_changed_or_cut_is_none(data: Any) -> None:
    _, text = new_token(TokenKind.PERSONAL)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters())

    assert token_id_of(text[:place]) is None
    assert token_id_of(text[:place] + text[place + 1 :]) is None
    if other != text[place]:
        assert token_id_of(text[:place] + other + text[place + 1 :]) is None


@pytest.mark.parametrize(
    "text",
    ["", "mdl_", "mdl_pat_", "mdl_pat_" + "0" * 48, "mdl_xxx_" + "0" * 48, "MDL_PAT_" + "0" * 48],
)
def test_a_made_up_token_is_none(text: str) -> None:
    assert token_id_of(text) is None


def test_a_right_checksum_proves_nothing() -> None:
    _, text = new_token(TokenKind.PERSONAL)
    _, forged = new_token(TokenKind.PERSONAL)

    assert token_id_of(forged) is not None
    assert not is_token(forged, keyed(text, NEW), (NEW,))


def test_the_pepper_that_hashed_a_token_has_to_be_there() -> None:
    _, text = new_token(TokenKind.SERVICE)
    kept = keyed(text, OLD)

    assert is_token(text, kept, (NEW, OLD))
    assert not is_token(text, kept, (NEW,))
    assert not is_token(text, kept, ())
    assert not is_token(text, kept, (Pepper("old", "x" * 32),))
    assert kept.digest != keyed(text, NEW).digest


def test_what_is_kept_is_compared_in_time_that_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr(access_tokens.hmac, "compare_digest", compare)
    kept = keyed("text", NEW)

    assert is_token("text", kept, (NEW,))
    assert not is_token("other", Keyed("new", "0" * 64), (NEW,))
    assert len(compared) == 2


def test_a_token_is_good_until_it_ends_or_is_revoked() -> None:
    assert token().is_good(AT)
    assert not token().is_good(AT + timedelta(days=1))
    assert not token(revoked_at=AT).is_good(AT)


def test_a_token_never_changes_who_may_do_what() -> None:
    actions = token().rule.actions

    assert Action.GRANT_CHANGE not in actions
    assert Action.SYSTEM_GRANT_CHANGE not in actions
    assert actions >= {Action.MODEL_READ, Action.VERSION_REGISTER}
    assert Action.VERSION_REGISTER not in token(role=Role.READER).rule.actions


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 129},
        {"scope": "No Namespace"},
        {"scope": "fraud/"},
        {"scope": "fraud", "role": Role.ADMIN},
    ],
)
def test_a_token_that_means_nothing_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        token(**fields)


def test_a_token_acts_as_its_owner_without_groups() -> None:
    by = token(owner="subject:dev:a:b", groups=("team",)).principal

    assert (by.issuer, by.subject, by.groups) == ("dev", "a:b", ())
