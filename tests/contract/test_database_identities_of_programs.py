"""Publishers, service accounts and access tokens, on every implementation."""

import pytest

from core.domain.access_tokens import AccessToken, Keyed
from core.domain.service_accounts import AccountState
from core.errors import Stale, Taken
from core.ports import Database
from tests.contract.entities import access_token, account, commit, publisher, store

KEPT = Keyed("pepper", "0" * 64)


def keep(database: Database, *tokens: AccessToken) -> None:
    commit(database, *(lambda s, each=each: s.access_tokens.insert(each, KEPT) for each in tokens))


def test_publishers_are_put_paged_and_removed(database: Database) -> None:
    store(database, *(publisher(name) for name in ("c", "a", "b")), publisher(namespace="other"))
    changed = publisher("a", model="iris", revision=2)

    commit(database, lambda stores: stores.publishers.put(changed))

    assert database.publishers.get("fraud", "a") == changed
    page = database.publishers.page("fraud", after="a", limit=9)
    assert [each.name for each in page] == ["b", "c"]
    commit(database, lambda stores: stores.publishers.remove("fraud", "a"))
    assert database.publishers.get("fraud", "a") is None


def test_publishers_are_found_by_their_anchor_in_every_namespace(database: Database) -> None:
    other = {"kubernetes.io/namespace": "x", "kubernetes.io/serviceaccount/name": "b"}
    here, there = publisher(), publisher("twin", namespace="other")
    store(database, here, there, publisher("stranger", claims=other))

    assert list(database.publishers.anchored(here.anchor)) == [here, there]
    assert list(database.publishers.anchored("nobody")) == []


def test_the_name_of_a_service_account_is_never_used_again(database: Database) -> None:
    store(database, account("b"), account("a"), account(namespace="other"))
    gone = account("a", state=AccountState.DELETED, revision=2)

    commit(database, lambda stores: stores.service_accounts.replace(gone))

    page = database.service_accounts.page("fraud", after=None, limit=9)
    assert [each.name for each in page] == ["b"]
    assert database.service_accounts.get("fraud", "a") == gone
    with pytest.raises(Taken):
        store(database, account("a"))
    with pytest.raises(Stale):
        commit(database, lambda stores: stores.service_accounts.replace(gone))


def test_a_token_comes_back_with_what_is_kept_of_it(database: Database) -> None:
    token = access_token(slot=1, groups=("a", "b"))
    keep(database, token)

    assert database.access_tokens.find(token.id) == (token, KEPT)
    assert database.access_tokens.find("nothing") is None


def test_tokens_are_paged_by_owner(database: Database) -> None:
    ids = ["c", "a", "b"]
    keep(database, *(access_token(each) for each in ids), access_token("d", owner="subject:dev:x"))

    page = database.access_tokens.page("subject:modelry:fraud/deployer", after="a", limit=9)

    assert [token.id for token in page] == ["b", "c"]


def test_a_place_holds_one_token_until_it_is_given_up(database: Database) -> None:
    first, second = access_token("a", slot=1), access_token("b", slot=1)
    keep(database, first, access_token("c", slot=2), access_token("d", owner="x:y:z", slot=1))

    with pytest.raises(Taken):
        keep(database, second)
    freed = access_token("a", revision=2)
    commit(database, lambda stores: stores.access_tokens.replace(freed, KEPT))
    keep(database, second)

    assert database.access_tokens.find("a") == (freed, KEPT)
    assert database.access_tokens.find("b") == (second, KEPT)
