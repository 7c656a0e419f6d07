"""Whatever people write into free-form maps and names comes back, in one order, from everywhere."""

import secrets
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.events import SubjectKind
from core.domain.names import check_file_path, check_model_name, name_key
from core.domain.versions import ByNumber
from core.errors import Invalid
from core.ports import Database
from tests.contract.entities import event, file, later, model, store, version

checked = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
odd_keys = st.text(alphabet="$.%2E45_idrefa\u00e9\U0001f600", min_size=1, max_size=8)
keys = st.one_of(
    odd_keys,
    texts.filter(bool),
    st.sampled_from(["$ref", "$id", "$db", "_id", "id", "a.b", "$set", "%24", "%2E", ".", "$"]),
)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 63), (1 << 63) - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
documents = st.dictionaries(keys, values, max_size=4)
aliases = st.dictionaries(st.sampled_from(["champion", "a.b", "x-1", "v1.2.3"]), st.integers(1, 9))


def is_valid(check: Any, name: str) -> bool:
    try:
        check(name)
    except Invalid:
        return False
    return True


printable = st.text(st.characters(max_codepoint=0x1FFFF, exclude_categories=["C", "Z"]), min_size=1)
names = printable.filter(lambda name: is_valid(check_model_name, name))
paths = printable.filter(lambda path: is_valid(check_file_path, path))


@checked
@given(document=documents, tags=st.dictionaries(keys, texts, max_size=3), aliases=aliases)
def test_models_come_back_with_every_key(
    database: Database, document: Any, tags: Any, aliases: Any
) -> None:
    room = f"n-{secrets.token_hex(6)}"
    stored = model(
        namespace=room,
        metadata=document,
        custom_properties=document,
        tags=tags,
        aliases=aliases,
        last_version=2**40,
    )
    told = event(namespace=room, kind=SubjectKind.MODEL, before=stored, after=stored, at=later(1))

    store(database, stored, told)

    found = database.models.get(room, "iris")
    assert _typed(found) == _typed(stored)
    (seen, _) = database.events.page(room, before=None, limit=9)
    assert _typed(seen) == _typed(told)


@checked
@given(document=documents, datasets=st.lists(documents, max_size=2))
def test_versions_come_back_with_every_key(
    database: Database, document: Any, datasets: Any
) -> None:
    room = f"n-{secrets.token_hex(6)}"
    free = ("parameters", "code", "signature", "environment", "framework")
    stored = version(
        namespace=room,
        datasets=tuple(datasets),
        metrics={"a.b": 0.1, "$loss": 2**40, "%": 1.0},
        size_bytes=2**42,
        **dict.fromkeys(free, document),
    )

    store(database, stored)

    assert _typed(database.versions.find(room, "iris", ByNumber(1))) == _typed(stored)


@checked
@given(st.lists(names, max_size=9, unique_by=name_key), st.integers(1, 3))
def test_models_have_one_order_everywhere(database: Database, chosen: list[str], size: int) -> None:
    room = f"n-{secrets.token_hex(6)}"
    store(database, *(model(name, namespace=room) for name in chosen))

    def page(after: str | None) -> list[str]:
        return [one.name for one in database.models.page(room, after=after, limit=size)]

    assert _all(page) == sorted(chosen, key=name_key)


@checked
@given(st.lists(paths, max_size=9, unique=True), st.integers(1, 3))
def test_files_have_one_order_everywhere(database: Database, chosen: list[str], size: int) -> None:
    number = secrets.randbelow(1 << 40)
    store(database, *(file(path, version_id=number) for path in chosen))

    def page(after: str | None) -> list[str]:
        return [one.path for one in database.files.page(number, after=after, limit=size)]

    assert _all(page) == sorted(chosen)


def test_the_deepest_allowed_document_comes_back(database: Database) -> None:
    deep: Any = "bottom"
    for _ in range(62):
        deep = {"$a.b": deep}
    stored = model(metadata=deep)

    store(database, stored, event(after=stored))

    assert database.models.get("fraud", "iris") == stored


def _all(page: Any) -> list[str]:
    found: list[str] = []
    while rows := page(found[-1] if found else None):
        found += rows
    return found


def _typed(value: Any) -> Any:
    """Equality that tells 1 from 1.0, True and any other kind of integer, and 0.0 from -0.0."""
    return repr(_sorted(value))


def _sorted(value: Any) -> Any:
    match value:
        case dict():
            return {key: _sorted(item) for key, item in sorted(value.items())}
        case list() | tuple():
            return [_sorted(item) for item in value]
        case _ if hasattr(value, "__dataclass_fields__"):
            return _sorted({name: getattr(value, name) for name in value.__dataclass_fields__})
    return (type(value).__name__, value)
