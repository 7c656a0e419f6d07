"""Schemas of namespaces: set by owners, satisfied by what is registered, harmless to everybody."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Role
from core.domain.events import SubjectKind
from core.domain.pages import PageRequest
from core.domain.schemas import check_schema
from core.errors import Forbidden, Invalid, NotFound, TooLarge
from tests.builders import ADMIN, World, caller

OWNER = caller(("default", Role.OWNER))
WRITER = caller(("default", Role.WRITER))
READER = caller(("default", Role.READER))
CLASSIFIER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["metrics", "license"],
    "properties": {
        "metrics": {
            "required": ["accuracy"],
            "properties": {"accuracy": {"$ref": "#/$defs/share"}},
        },
        "license": {"enum": ["MIT", "Apache-2.0"]},
        "tags": {"patternProperties": {"^team$": {"pattern": "^[a-z]+$"}}},
    },
    "$defs": {"share": {"minimum": 0.5, "maximum": 1}},
    "x-owner": "risk",
}


@pytest.fixture
def world() -> World:
    made = World()
    made.registry.models.register(ADMIN, "default", "iris", {})
    return made


def put(world: World, document: Any, model_type: str = "classifier", by: Any = OWNER) -> Any:
    return world.registry.schemas.put(by, "default", model_type, document)


def register(world: World, model: str = "iris", **described: Any) -> Any:
    return world.registry.versions.register(WRITER, "default", model, described).version


def test_a_version_must_satisfy_the_schema_of_its_type(world: World) -> None:
    put(world, CLASSIFIER)

    with pytest.raises(Invalid) as caught:
        register(
            world,
            model_type="classifier",
            metrics={"accuracy": 0.2},
            license="GPL-3.0-only",
            tags={"team": "A-1"},
        )
    good = register(
        world, model_type="classifier", metrics={"accuracy": 0.9}, license="MIT", tags={"team": "a"}
    )

    assert {place for place, _ in caught.value.problems} == {
        "version.metrics.accuracy",
        "version.license",
        "version.tags.team",
    }
    assert good.number == 1


def test_a_version_of_another_type_is_not_concerned(world: World) -> None:
    put(world, CLASSIFIER)

    assert register(world, model_type="regressor").number == 1
    assert register(world, parameters={"a": 1}).number == 2


def test_the_type_of_the_model_counts_where_a_version_names_none(world: World) -> None:
    put(world, CLASSIFIER)
    world.registry.models.register(ADMIN, "default", "lilies", {"model_type": "classifier"})

    with pytest.raises(Invalid, match="'license' is a required property"):
        register(world, "lilies", metrics={"accuracy": 0.9})
    assert register(world, "lilies", model_type="other").number == 1


def test_the_schema_of_all_is_for_every_version(world: World) -> None:
    put(world, {"required": ["description"]}, "*")

    with pytest.raises(Invalid, match="'description' is a required property"):
        register(world)
    assert register(world, description="said").number == 1
    assert world.registry.models.get(READER, "default", "iris").last_version == 1


def test_other_namespaces_have_rules_of_their_own(world: World) -> None:
    world.registry.namespaces.create(ADMIN, "other", {})
    world.registry.models.register(ADMIN, "other", "iris", {})
    put(world, {"not": {}}, "*")

    assert world.registry.versions.register(ADMIN, "other", "iris", {}).version.number == 1
    with pytest.raises(Invalid):
        register(world)


def test_owners_change_schemas_and_readers_read_them(world: World) -> None:
    first = put(world, CLASSIFIER)
    same = put(world, dict(CLASSIFIER))
    second = put(world, {"required": ["license"]})

    found = world.registry.schemas.get(READER, "default", "classifier")
    page = world.registry.schemas.page(READER, "default", PageRequest())

    assert first == same
    assert (first.revision, second.revision) == (1, 2)
    assert found == second
    assert page.items == (second,)
    for by in (WRITER, READER, caller(("default", Role.APPROVER))):
        with pytest.raises(Forbidden):
            put(world, {}, by=by)
        with pytest.raises(Forbidden):
            world.registry.schemas.remove(by, "default", "classifier")


def test_a_schema_that_is_taken_away_holds_nobody_up(world: World) -> None:
    put(world, {"required": ["license"]}, "*")
    world.registry.schemas.remove(OWNER, "default", "*", reason="too strict")
    again = put(world, {"required": ["owner"]}, "*")

    assert again.revision == 3
    world.registry.schemas.remove(OWNER, "default", "*")
    assert register(world).number == 1
    with pytest.raises(NotFound):
        world.registry.schemas.remove(OWNER, "default", "*")
    with pytest.raises(NotFound):
        world.registry.schemas.get(OWNER, "default", "*")


def test_every_change_is_an_event(world: World) -> None:
    put(world, CLASSIFIER)
    put(world, {"required": ["license"]})
    world.registry.schemas.remove(OWNER, "default", "classifier", reason="why")

    events = world.registry.events.page(
        OWNER, "default", PageRequest(), kind=SubjectKind.SCHEMA, subject="default classifier"
    ).items

    assert [(event.action, event.revision) for event in events] == [
        ("schema.removed", 3),
        ("schema.changed", 2),
        ("schema.changed", 1),
    ]
    assert events[2].after is not None
    assert events[2].after["document"] == CLASSIFIER
    assert (events[0].reason, events[0].after) == ("why", None)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"$ref": "https://example.org/schema"}, "schema.$ref"),
        ({"$ref": "other.json"}, "schema.$ref"),
        ({"$ref": "#/properties/x"}, "schema.$ref"),
        ({"$ref": "#/$defs/missing"}, "schema.$ref"),
        ({"$ref": 1}, "schema.$ref"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "schema.properties.a.$ref"),
        ({"$id": "https://example.org/x"}, "schema.$id"),
        ({"$dynamicRef": "#a"}, "schema.$dynamicRef"),
        ({"unevaluatedProperties": False}, "schema.unevaluatedProperties"),
        ({"requierd": ["a"]}, "schema.requierd"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "schema.$schema"),
        ({"not": {"$schema": CLASSIFIER["$schema"]}}, "schema.not.$schema"),
        ({"pattern": "(a+)+$"}, "schema.pattern"),
        ({"patternProperties": {"(a+)+$": True}}, "schema.patternProperties.(a+)+$"),
        ({"items": [{}]}, "schema.items"),
        ({"type": "objekt"}, "schema.type"),
        ({"required": "license"}, "schema.required"),
        ({"anyOf": []}, "schema.anyOf"),
        ({"properties": []}, "schema.properties"),
        ({"pattern": 1}, "schema.pattern"),
        ({"minimum": "1"}, "schema.minimum"),
    ],
)
def test_what_is_no_schema_or_no_safe_one_is_refused(
    world: World, document: Any, place: str
) -> None:
    with pytest.raises(Invalid) as caught:
        put(world, document)

    assert place in [where for where, _ in caught.value.problems]


@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * 129, " a"])
def test_what_names_no_model_type_is_refused(world: World, name: str) -> None:
    with pytest.raises(Invalid):
        put(world, {}, name)


def test_schemas_are_bounded_in_size_and_depth(world: World) -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"not": deep}

    with pytest.raises(TooLarge):
        put(world, {"description": "x" * (64 << 10)})
    with pytest.raises(Invalid, match="deeper"):
        put(world, deep)


def doubling(levels: int) -> dict[str, Any]:
    """A schema whose every level asks the next one twice."""
    definitions = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**definitions, f"a{levels}": {"minProperties": 0}}}


@pytest.mark.parametrize(
    "document",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        doubling(40),
        {"properties": {"notes": {"pattern": "x.*x.*x.*x"}}},
    ],
)
def test_what_would_take_for_ever_is_given_up(world: World, document: Any) -> None:
    put(world, document)

    with pytest.raises(Invalid, match="too long"):
        register(world, model_type="classifier", notes="x" * 60_000)


def test_large_lists_are_held_for_unique_in_linear_time(world: World) -> None:
    put(world, {"properties": {"parameters": {"properties": {"a": {"uniqueItems": True}}}}})
    different = [{"n": number} for number in range(20_000)]

    assert register(world, model_type="classifier", parameters={"a": different}).number == 1
    for same in ([1, 1.0], [{"a": [1]}, {"a": [1.0]}]):
        with pytest.raises(Invalid, match="equal"):
            register(world, model_type="classifier", parameters={"a": same})
    assert register(world, model_type="classifier", parameters={"a": [1, True, "1"]}).number == 2


@pytest.mark.parametrize(
    ("document", "good"),
    [
        ({"properties": {"notes": {"const": None}}}, False),
        ({"properties": {"parameters": {"patternProperties": {"^a": False}}}}, False),
        ({"properties": {"parameters": {"patternProperties": {"^a$": {}},
                                        "additionalProperties": False}}}, False),
        ({"properties": {"parameters": {"propertyNames": {"pattern": "^abc$"}}}}, True),
        ({"if": {"required": ["owner"]}, "then": False, "else": True}, True),
        ({"oneOf": [{"required": ["notes"]}, {"required": ["owner"]}]}, True),
        ({"properties": {"authors": {"contains": {"const": "A"}, "maxContains": 1}}}, True),
        ({"dependentRequired": {"notes": ["owner"]}}, False),
        ({"minProperties": 99}, False),
        ({"type": ["object", "null"]}, True),
        ({"properties": {"notes": {"enum": [None, "said"]}, "license": {"format": "x"}}}, True),
    ],
)  # fmt: skip
def test_keywords_mean_what_the_standard_says(world: World, document: Any, good: bool) -> None:
    put(world, document)
    said: dict[str, Any] = {"notes": "said", "parameters": {"abc": 1}, "authors": ("A", "B")}

    if good:
        assert register(world, model_type="classifier", **said).number == 1
    else:
        with pytest.raises(Invalid, match="does not satisfy"):
            register(world, model_type="classifier", **said)


KEYWORD = st.sampled_from(
    ["type", "properties", "allOf", "not", "$ref", "pattern", "enum", "items", "$defs", "required"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYWORD, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(KEYWORD, ANYTHING, max_size=4))
def test_any_map_is_taken_or_refused_with_a_place(document: dict[str, Any]) -> None:
    with suppress(Invalid):
        check_schema(document)
