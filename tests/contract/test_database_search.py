"""Search means on every adapter what `core.domain.matching` says, whatever is asked of whatever."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.memory.database import MemoryDatabase
from core.adapters.mongo import documents
from core.adapters.mongo.database import MongoDatabase
from core.domain.facets import bound_facets, facet
from core.domain.fields import MODEL_FIELDS, VERSION_FIELDS, Fields, bound
from core.domain.matching import matches
from core.domain.orders import Order, bound_orders, in_order, position
from core.domain.retention import Retention, Shown
from core.domain.search import Comparison, Exists, Like, Not, Operator, Path, Tree, Words
from core.errors import Unavailable
from core.ports import Database
from tests import searching
from tests.contract.entities import commit, model, namespace, store, version

_names = (f"search-{number}" for number in count())
SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NEWEST_FIRST = bound_orders([], VERSION_FIELDS)


@pytest.fixture(scope="module")
def shared(mongodb_uri: str) -> Iterator[MongoDatabase]:
    """A database that examples share, each in namespaces of its own."""
    name = f"test_{secrets.token_hex(6)}"
    mongo = MongoDatabase.connect(mongodb_uri, name)
    mongo.prepare()
    yield mongo
    if "MODELRY_TEST_MONGODB_URI" in os.environ:  # the embedded one is busy with it for long
        mongo._client.drop_database(name)
    mongo.close()


@pytest.fixture(params=["memory", "mongo"])
def searched(request: pytest.FixtureRequest) -> Database:
    """A database of each kind that examples share."""
    return MemoryDatabase() if request.param == "memory" else request.getfixturevalue("shared")


@SLOW
@given(st.data())
def test_versions_are_found_exactly_as_a_tree_means(searched: Database, data: Any) -> None:
    stored = data.draw(searching.versions(next(_names)))
    tree = data.draw(st.none() | searching.trees(searching.VERSION_PATHS))
    orders = data.draw(searching.orders(searching.VERSION_PATHS, ("model", "size_bytes", "number")))

    assert_found(searched, searched.versions, stored, VERSION_FIELDS, tree, orders)


@SLOW
@given(st.data())
def test_models_are_found_exactly_as_a_tree_means(searched: Database, data: Any) -> None:
    stored = data.draw(searching.models(next(_names)))
    tree = data.draw(st.none() | searching.trees(searching.MODEL_PATHS))
    orders = data.draw(searching.orders(searching.MODEL_PATHS, ("name", "created_at")))

    assert_found(searched, searched.models, stored, MODEL_FIELDS, tree, orders)


@SLOW
@given(st.data())
def test_facets_count_what_is_found(searched: Database, data: Any) -> None:
    stored = data.draw(searching.versions(next(_names)))
    tree = data.draw(st.none() | searching.leaves(searching.VERSION_PATHS))
    countable = searching.VERSION_PATHS.filter(
        lambda path: path.field not in {*searching.TIME_FIELDS, "id", "description"}
    )
    paths = bound_facets(data.draw(st.lists(countable, min_size=1, max_size=3)), VERSION_FIELDS)
    store(searched, version(999, namespace=next(_names)), *stored)

    tree = None if tree is None else bound(tree, VERSION_FIELDS)
    namespaces = {each.namespace for each in stored}
    counted = searched.versions.facets(namespaces, tree, paths)

    found = [each for each in stored if matches(tree, each, VERSION_FIELDS)]
    expected = [facet(found, path, VERSION_FIELDS) for path in paths]
    assert list(counted) == expected
    assert _are_bools(counted) == _are_bools(expected)


def _are_bools(facets: Any) -> list[list[bool]]:
    """Since 1 and true are equal in Python."""
    return [[isinstance(each.value, bool) for each in facet.counts] for facet in facets]


def assert_found(
    database: Database,
    searches: Any,
    stored: list[Any],
    fields: Fields,
    tree: Tree | None,
    orders: list[Order],
) -> None:
    """The pages of the answer are the evaluator's, in order, and no other namespace's."""
    elsewhere = next(_names)
    other = version(1, namespace=elsewhere) if fields is VERSION_FIELDS else None
    store(database, other or model(namespace=elsewhere), *stored)
    tree = None if tree is None else bound(tree, fields)
    whole = bound_orders(orders, fields)
    namespaces = {"nobodys", *(each.namespace for each in stored)}

    found: list[Any] = []
    while page := searches.search(
        namespaces,
        tree,
        orders=whole,
        after=position(found[-1], whole, fields) if found else None,
        limit=2,
    ):
        found += page
        assert len(page) <= 2
        assert len(found) <= len(stored), "a page came twice"

    matching = [each for each in stored if matches(tree, each, fields)]
    assert found == in_order(matching, whole, fields)


def test_single_models_are_searched_beside_whole_namespaces(database: Database) -> None:
    names = ("iris", "churn", "a b")
    models = [model(name, namespace=where) for where in ("a", "b", "c") for name in names]
    versions = [version(1, namespace=each.namespace, model=each.name) for each in models]
    store(database, *models, *versions)
    scopes = ["b", "a/iris", "a/a b", "c/churn", "nobodys/iris"]

    asked: Any = {"orders": NEWEST_FIRST, "after": None, "limit": 99}
    for tree in (None, Comparison(Path("revision"), Operator.EQUAL, 1)):
        found = database.models.search(scopes, tree, **asked)
        built = database.versions.search(scopes, tree, **asked)
        expected = sorted(
            (each.namespace, each.name)
            for each in models
            if each.namespace == "b" or f"{each.namespace}/{each.name}" in scopes
        )
        assert sorted((each.namespace, each.name) for each in found) == expected
        assert sorted((each.namespace, each.model) for each in built) == expected
    (counted,) = database.models.facets(scopes, None, [Path("namespace")])
    assert [(one.value, one.count) for one in counted.counts] == [("b", 3), ("a", 2), ("c", 1)]


def test_models_are_paged_among_some_and_without_others(database: Database) -> None:
    names = ["Zebra", "a b", "churn", "iris"]
    store(database, *(model(name) for name in names))

    among = database.models.page("fraud", after="a b", limit=9, among=["iris", "a b", "IRIS", "x"])
    without = database.models.page("fraud", after=None, limit=2, without=["a b", "churn"])

    assert [each.name for each in among] == ["iris"]
    assert [each.name for each in without] == ["iris", "Zebra"]
    assert list(database.models.page("fraud", after=None, limit=9, among=[])) == []


def test_namespaces_are_paged_without_some(database: Database) -> None:
    store(database, *(namespace(name) for name in ("a", "b", "c")))

    every = database.namespaces.page(among=None, after=None, limit=9, without=["b"])
    some = database.namespaces.page(among=["a", "b"], after=None, limit=9, without=["b"])

    assert [each.name for each in every] == ["a", "c"]
    assert [each.name for each in some] == ["a"]


def test_several_namespaces_are_searched_as_one(database: Database) -> None:
    stored = [version(n, namespace=name) for n in (1, 2) for name in ("a", "b", "c")]
    store(database, *stored)

    found = database.versions.search(["b", "c"], None, orders=NEWEST_FIRST, after=None, limit=10)

    assert [(each.namespace, each.number) for each in found] == [
        ("c", 2), ("b", 2), ("c", 1), ("b", 1),
    ]  # fmt: skip
    assert database.versions.search([], None, orders=NEWEST_FIRST, after=None, limit=10) == []


def test_what_changes_is_found_as_it_is_now(database: Database) -> None:
    first = model(tags={"team": "fraud"}, description="old words")
    store(database, first)
    second = replace(first, tags={"team": "risk"}, description="new", aliases={"a": 1}, revision=2)
    commit(database, lambda stores: stores.models.replace(second))

    def found(tree: Tree) -> bool:
        bound_tree = bound(tree, MODEL_FIELDS)
        orders = bound_orders([], MODEL_FIELDS)
        return bool(
            database.models.search(["fraud"], bound_tree, orders=orders, after=None, limit=1)
        )

    team = Path("tags", ("team",))
    assert not found(Comparison(team, Operator.EQUAL, "fraud"))
    assert found(Comparison(team, Operator.EQUAL, "risk"))
    assert not found(Words(("old",)))
    assert found(Words(("new", "iris")))
    assert found(Comparison(Path("alias"), Operator.EQUAL, "a"))


def test_what_has_more_values_than_are_indexed_is_found_by_any_of_them(database: Database) -> None:
    many = {f"p{number}": number for number in range(1_500)}
    store(database, version(1, parameters=many), version(2, parameters={"p1": 1}))

    for name in ("p1", "p1499"):
        path = Path("parameters", (name,))
        tree = Comparison(path, Operator.EQUAL, many[name])
        found = database.versions.search(["fraud"], tree, orders=NEWEST_FIRST, after=None, limit=9)

        assert 1 in [each.number for each in found]


def test_a_search_that_takes_too_long_says_how_to_narrow_it(
    shared: MongoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SEARCH_SECONDS", 0.001)
    namespace = next(_names)
    store(shared, *(version(n, namespace=namespace) for n in range(1, 300)))

    with pytest.raises(Unavailable) as caught:
        shared.versions.search([namespace], None, orders=NEWEST_FIRST, after=None, limit=9)

    assert "Narrow it" in caught.value.next_step


def test_what_was_archived_or_withdrawn_is_found_by_those_alone_who_ask(
    database: Database,
) -> None:
    store(
        database,
        version(1),
        version(2, retention=Retention.ARCHIVED),
        version(3, retention=Retention.DELETED),
        version(1, model="gone"),
    )
    commit(database, lambda stores: stores.versions.withdraw("fraud", "gone"))

    def found(shown: Shown) -> list[tuple[str, int]]:
        answer = database.versions.search(
            ["fraud"], None, orders=NEWEST_FIRST, after=None, limit=9, shown=shown
        )
        (counted,) = database.versions.facets(["fraud"], None, [Path("state")], shown=shown)
        assert sum(each.count for each in counted.counts) == len(answer)
        return sorted((each.model, each.number) for each in answer)

    assert found(Shown.LISTED) == [("iris", 1)]
    assert found(Shown.READABLE) == [("iris", 1), ("iris", 2)]
    assert found(Shown.EVERYTHING) == [("gone", 1), ("iris", 1), ("iris", 2), ("iris", 3)]


@pytest.mark.parametrize("is_descending", [False, True])
def test_numbers_come_before_texts_and_what_has_neither_last_on_every_page(
    database: Database, is_descending: bool
) -> None:
    values = ["b", 2, None, "a", 1.5, True, [1], {"a": 1}, 10]
    store(database, *(version(n, metadata={"at": value}) for n, value in enumerate(values, 1)))
    orders = bound_orders([Order(Path("metadata", ("at",)), is_descending)], VERSION_FIELDS)

    found: list[Any] = []
    while page := database.versions.search(
        ["fraud"],
        None,
        orders=orders,
        after=position(found[-1], orders, VERSION_FIELDS) if found else None,
        limit=1,
    ):
        found += page
        assert len(found) <= len(values), "a page came twice"

    ordered = [each.metadata["at"] for each in found]
    first = [1.5, 2, 10, "a", "b"]
    assert ordered[:5] == (first[::-1] if is_descending else first)
    rest = [3, 6, 7, 8]
    assert [each.number for each in found[5:]] == (rest[::-1] if is_descending else rest)


def test_an_alias_matches_if_any_one_does(database: Database) -> None:
    store(
        database,
        version(1, aliases=("champion", "blue")),
        version(2, aliases=("champion",)),
        version(3),
        model("tulip", aliases={"champion": 1, "blue": 2}),
        model("iris", aliases={"champion": 1}),
        model("lily"),
    )

    def found(tree: Tree) -> tuple[list[int], list[str]]:
        asked: dict[str, Any] = {"orders": NEWEST_FIRST, "after": None, "limit": 9}
        versions = database.versions.search(["fraud"], bound(tree, VERSION_FIELDS), **asked)
        models = database.models.search(["fraud"], bound(tree, MODEL_FIELDS), **asked)
        return sorted(each.number for each in versions), sorted(each.name for each in models)

    alias = Path("alias")
    assert found(Comparison(alias, Operator.DIFFERENT, "champion")) == ([1], ["tulip"])
    assert found(Not(Comparison(alias, Operator.EQUAL, "blue"))) == ([2, 3], ["iris", "lily"])
    assert found(Like(alias, "B%", ignores_case=True)) == ([1], ["tulip"])
    assert found(Exists(alias)) == ([1, 2], ["iris", "tulip"])
