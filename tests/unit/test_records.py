"""Entities as plain values and back."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import pytest

from core.domain.records import record, restore
from core.domain.versions import VersionState
from tests.contract.entities import event, file, grant, later, model, namespace, version

ENTITIES = [
    namespace(metadata={"a.b": [1, {"$c": None}]}, tags={"team": "fraud"}),
    model(aliases={"champion": 3}, owner="subject:dev:alice"),
    version(datasets=({"uri": "s3://a"},), aliases=("a", "b"), state=VersionState.READY),
    version(upload_expires_at=later(1)),
    file(received_at=later(1), multipart_id="upload"),
    grant(),
    event(before=model(), after=model(description="new")),
]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: type(entity).__name__)
def test_an_entity_comes_back_equal(entity: Any) -> None:
    values = record(entity)

    assert restore(type(entity), values) == entity


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: type(entity).__name__)
def test_a_record_has_every_field_as_a_plain_value(entity: Any) -> None:
    values = record(entity)

    assert list(values) == [field.name for field in fields(entity)]
    assert all(_is_plain(value) for value in values.values())


def test_a_field_that_a_record_lacks_takes_its_default() -> None:
    values = record(namespace())
    del values["tags"], values["state"]

    assert restore(type(namespace()), values) == namespace()


def test_a_field_that_is_unknown_is_left_out() -> None:
    assert restore(type(namespace()), {**record(namespace()), "later": 1}) == namespace()


def test_a_field_without_a_default_must_be_there() -> None:
    values = record(namespace())
    del values["created_at"]

    with pytest.raises(TypeError, match="created_at"):
        restore(type(namespace()), values)


@dataclass(frozen=True)
class Holder:
    held: object


@dataclass(frozen=True)
class Inner:
    number: int


@dataclass(frozen=True)
class Outer:
    inner: Inner | None
    several: tuple[Inner, ...] = ()


def test_an_entity_within_an_entity_comes_back() -> None:
    outer = Outer(Inner(1), (Inner(2), Inner(3)))

    assert record(outer) == {"inner": {"number": 1}, "several": [{"number": 2}, {"number": 3}]}
    assert restore(Outer, record(outer)) == outer
    assert restore(Outer, {"inner": None}) == Outer(None)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object()])
def test_what_no_record_can_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        record(Holder(value))


def _is_plain(value: object) -> bool:
    match value:
        case StrEnum():
            return False
        case None | bool() | int() | float() | str() | datetime():
            return True
        case list():
            return all(_is_plain(item) for item in value)
        case dict():
            return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return False
