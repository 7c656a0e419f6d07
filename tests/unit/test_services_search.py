"""Use cases of searching: who finds what, page by page."""

from typing import Any

import pytest

from core.domain.access import Caller, Role
from core.domain.orders import Order
from core.domain.pages import PageRequest
from core.domain.search import Exists, Path
from core.errors import Invalid, NotFound
from core.services.search import Question
from handlers.api.v1.filters import parse_filter, parse_order
from tests.builders import ADMIN, World, caller

ANYWHERE = Question()


@pytest.fixture
def world() -> World:
    """Models of three namespaces, versions with metrics."""
    made = World()
    for namespace in ("default", "fraud", "secret"):
        if namespace != "default":
            made.registry.namespaces.create(ADMIN, namespace, {})
        for name in ("churn", "iris"):
            made.registry.models.register(ADMIN, namespace, name, {"tags": {"team": namespace}})
    for auc in (0.7, 0.9, 0.8):
        described = {"metrics": {"auc": auc}, "description": f"auc of {auc}"}
        made.registry.versions.register(ADMIN, "fraud", "churn", described)
    made.registry.versions.register(ADMIN, "default", "iris", {})
    return made


def found(world: World, by: Caller, question: Question = ANYWHERE, **page: Any) -> list[str]:
    answer = world.registry.search.models(by, question, PageRequest(**page))
    return sorted(f"{model.namespace}/{model.name}" for model in answer.page.items)


def test_a_caller_finds_what_he_may_read_and_nothing_else(world: World) -> None:
    reader = caller(("fraud", Role.READER))

    assert found(world, reader) == ["fraud/churn", "fraud/iris"]
    assert found(world, caller()) == []
    assert len(found(world, ADMIN)) == len(found(world, caller(("*", Role.AUDITOR)))) == 6


@pytest.mark.parametrize(
    "text",
    [
        "namespace = 'secret'",
        "namespace != 'fraud'",
        "NOT namespace = 'fraud'",
        "tags.team = 'secret'",
        "EXISTS(name) OR NOT EXISTS(name)",
        "WORDS('secret')",
        "namespace IN ('secret', 'default') OR id > 0",
    ],
)
def test_no_filter_reaches_beyond_what_the_caller_may_read(world: World, text: str) -> None:
    question = Question(filter=parse_filter(text), facets=(Path("tags", ("team",)),))
    answer = world.registry.search.models(caller(("fraud", Role.READER)), question, PageRequest())

    assert {model.namespace for model in answer.page.items} <= {"fraud"}
    assert {each.value for each in answer.facets[0].counts} <= {"fraud"}


def test_a_named_namespace_that_cannot_be_read_is_not_there(world: World) -> None:
    reader = caller(("fraud", Role.READER))

    assert found(world, reader, Question(namespaces=["fraud"])) == ["fraud/churn", "fraud/iris"]
    for namespaces in (["secret"], ["fraud", "secret"], ["nowhere"]):
        with pytest.raises(NotFound):
            found(world, reader, Question(namespaces=namespaces))
    with pytest.raises(NotFound):
        found(world, ADMIN, Question(namespaces=["nowhere"]))


def test_words_and_filter_narrow_together(world: World) -> None:
    search = world.registry.search
    question = Question(words="AUC churn", filter=parse_filter("metrics.auc > 0.75"))

    answer = search.versions(ADMIN, question, PageRequest())

    assert [version.number for version in answer.page.items] == [3, 2]
    with pytest.raises(Invalid):
        search.versions(ADMIN, Question(words="!?"), PageRequest())


def test_pages_go_through_everything_once_in_order(world: World) -> None:
    question = Question(orders=parse_order("metrics.auc desc"), facets=(Path("model"),))
    numbers: list[Any] = []
    facets: list[Any] = []
    token = None
    while True:
        answer = world.registry.search.versions(ADMIN, question, PageRequest(1, token))
        numbers += [(version.model, version.number) for version in answer.page.items]
        facets.append(answer.facets)
        token = answer.page.next_token
        if token is None:
            break

    assert numbers == [("churn", 2), ("churn", 3), ("churn", 1), ("iris", 1)]
    assert [len(each) for each in facets] == [1, 0, 0, 0]
    assert [(each.value, each.count) for each in facets[0][0].counts] == [("churn", 3), ("iris", 1)]


@pytest.mark.parametrize(
    "other",
    [
        Question(),
        Question(orders=[Order(Path("metrics", ("auc",)))]),
        Question(orders=parse_order("metrics.auc desc"), words="churn"),
        Question(orders=parse_order("metrics.auc desc"), namespaces=["fraud"]),
        Question(orders=parse_order("metrics.auc desc"), filter=Exists(Path("owner"))),
    ],
)
def test_a_token_is_good_for_its_own_question_alone(world: World, other: Question) -> None:
    search = world.registry.search
    question = Question(orders=parse_order("metrics.auc desc"))
    token = search.versions(ADMIN, question, PageRequest(1)).page.next_token

    with pytest.raises(Invalid):
        search.versions(ADMIN, other, PageRequest(1, token))
    with pytest.raises(Invalid):
        search.models(ADMIN, Question(), PageRequest(1, token))


@pytest.mark.parametrize(
    "order",
    [
        *("nothing", "_id", "tags", "secret_hash", "alias", "name, name"),
        "name, id, revision, number, model",
    ],
)
def test_an_order_that_is_none_is_refused(world: World, order: str) -> None:
    question = Question(orders=parse_order(order))

    with pytest.raises(Invalid):
        world.registry.search.versions(ADMIN, question, PageRequest())


@pytest.mark.parametrize("path", ["created_at", "id", "description", "nothing", "tags"])
def test_a_facet_that_is_none_is_refused(world: World, path: str) -> None:
    question = Question(facets=[Path(path)])

    with pytest.raises(Invalid):
        world.registry.search.versions(ADMIN, question, PageRequest())
    with pytest.raises(Invalid):
        world.registry.search.versions(
            ADMIN, Question(facets=[Path("tags", (str(n),)) for n in range(9)]), PageRequest()
        )


def test_the_versions_of_one_model_are_searched(world: World) -> None:
    question = Question(namespaces=["fraud"], model="churn", orders=parse_order("metrics.auc"))

    answer = world.registry.search.versions(ADMIN, question, PageRequest())

    assert [version.number for version in answer.page.items] == [1, 3, 2]
    with pytest.raises(NotFound):
        world.registry.search.versions(
            ADMIN, Question(namespaces=["fraud"], model="nothing"), PageRequest()
        )


def test_more_namespaces_than_one_search_takes_have_to_be_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.search.MAX_SCOPES", 2)

    with pytest.raises(Invalid):
        found(world, ADMIN)
    assert len(found(world, ADMIN, Question(namespaces=["fraud", "default"]))) == 4
