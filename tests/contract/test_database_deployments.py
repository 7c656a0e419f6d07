"""Environments, deployments and their serve records in every database."""

import pytest

from core.domain.deployments import DEPLOYMENT_FIELDS, DesiredState
from core.domain.fields import bound
from core.domain.orders import ID, Order
from core.errors import Stale, Taken
from core.ports import Database
from handlers.api.v1.filters import parse_filter
from tests.contract.entities import commit, deployment, environment, serve_record, store


def test_an_environment_is_found_by_id_name_and_external_id_in_its_namespace_only(
    database: Database,
) -> None:
    prod = environment("Prod: 100%_a/b 'x'", external_id="ext", metadata={"a.b": {"$c": 1}})
    store(database, prod, environment("prod"))

    assert database.environments.get("fraud", prod.id) == prod
    assert database.environments.named("fraud", prod.name) == prod
    assert database.environments.known_as("fraud", "ext") == prod
    assert database.environments.get("other", prod.id) is None
    assert database.environments.named("fraud", "Prod: 100%_a/b 'x") is None
    assert database.environments.known_as("other", "ext") is None


def test_names_and_external_ids_are_unique_where_they_belong(database: Database) -> None:
    first = environment("prod", external_id="ext")
    store(database, first, environment("prod", namespace="risk", external_id="ext"))
    store(database, deployment("web", environment_id=1), deployment("web", environment_id=2))

    for taken in (
        environment("prod"),
        environment("new", external_id="ext"),
        deployment("web", environment_id=1),
    ):
        with pytest.raises(Taken):
            store(database, taken)
    store(database, environment("other"), environment("third"))


def test_an_external_id_cannot_be_given_to_a_second_one_later(database: Database) -> None:
    second = environment("b")
    store(database, environment("a", external_id="ext"), second)
    values = {"id": second.id, "revision": 2}

    with pytest.raises(Taken):
        commit(
            database,
            lambda s: s.environments.replace(environment("b", external_id="ext", **values)),
        )
    commit(database, lambda s: s.environments.replace(environment("b", owner="x", **values)))
    with pytest.raises(Stale):
        commit(database, lambda s: s.environments.replace(environment("b", owner="y", **values)))


def test_a_version_is_held_where_it_is_pinned_and_wanted_and_where_it_answers(
    database: Database,
) -> None:
    pinned = deployment("pinned", pinned=3)
    unwanted = deployment("unwanted", pinned=3, desired_state=DesiredState.UNDEPLOYED)
    answering = deployment("answering", traffic={"3": 90, "4": 10}, follows="@champion")
    elsewhere = deployment("elsewhere", pinned=3, model="tulips")
    store(database, pinned, unwanted, answering, elsewhere)

    holding = database.deployments.holding("fraud", "iris", 3, limit=9)

    assert [each.name for each in holding] == ["pinned", "answering"]
    assert [d.name for d in database.deployments.holding("fraud", "iris", 4, limit=9)] == [
        "answering"
    ]
    assert [d.name for d in database.deployments.holding("fraud", "iris", 3, limit=1)] == ["pinned"]
    assert database.deployments.holding("risk", "iris", 3, limit=9) == []
    anything = database.deployments.holding("fraud", "iris", None, limit=9)
    assert {each.name for each in anything} == {"pinned", "answering"}
    assert database.deployments.holding("risk", "iris", None, limit=9) == []


def test_a_deployment_that_is_changed_holds_what_it_holds_then(database: Database) -> None:
    before = deployment("web", pinned=3)
    store(database, before)
    after = deployment("web", id=before.id, pinned=4, revision=2)

    commit(database, lambda s: s.deployments.replace(after))

    assert database.deployments.holding("fraud", "iris", 3, limit=9) == []
    assert database.deployments.holding("fraud", "iris", 4, limit=9) == [after]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("environment = 'prod'", ["a", "b"]),
        ("environment = 'prod' AND desired_state = 'undeployed'", ["b"]),
        ("pinned = 2", ["b"]),
        ("NOT EXISTS(pinned)", ["a", "c"]),
        ("WORDS('tulips')", ["c"]),
        ("metadata.team.name = 'x'", ["c"]),
    ],
)
def test_deployments_can_be_searched(database: Database, text: str, names: list[str]) -> None:
    store(
        database,
        deployment("a"),
        deployment("b", pinned=2, desired_state=DesiredState.UNDEPLOYED),
        deployment("c", environment="dev", model="tulips", metadata={"team": {"name": "x"}}),
        deployment("d", namespace="risk"),
    )
    tree = parse_filter(text)
    assert tree is not None

    found = database.deployments.search(
        ["fraud"], bound(tree, DEPLOYMENT_FIELDS), orders=[Order(ID)], after=None, limit=9
    )

    assert [each.name for each in found] == names


def test_serve_records_are_read_newest_first_and_need_no_event(database: Database) -> None:
    records = [serve_record(name, external_id=f"x{name}") for name in "abc"]

    store(database, *records, serve_record("a", deployment_id=2))

    page = database.serve_records.page(1, before=None, limit=2)
    assert page == [records[2], records[1]]
    assert database.serve_records.page(1, before=records[1].id, limit=9) == [records[0]]
    assert database.serve_records.rising(1, after=None, limit=2) == records[:2]
    assert database.serve_records.rising(1, after=records[-2].id, limit=9) == records[-1:]
    assert database.serve_records.named("fraud", 1, "a") == records[0]
    assert database.serve_records.known_as("fraud", "xb") == records[1]
    assert database.serve_records.get("fraud", records[2].id) == records[2]
    assert database.serve_records.get("risk", records[2].id) is None
    for taken in (serve_record("a"), serve_record("d", external_id="xa")):
        with pytest.raises(Taken):
            store(database, taken)
