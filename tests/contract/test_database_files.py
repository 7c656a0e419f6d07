"""What the ports promise of declared files, on every implementation."""

from dataclasses import replace

import pytest

from core.domain.files import FileState
from core.errors import Taken
from core.ports import Database
from tests.contract.entities import commit, digest, file, later, store


def test_files_are_paged_by_path(database: Database) -> None:
    paths = ["b", "a/z", "a.txt", "Z", "\u00e9"]
    store(database, *(file(path) for path in paths), file("a", version_id=11))

    found = database.files.page(1, after=None, limit=4)

    assert [one.path for one in found] == sorted(paths)[:4]
    assert [one.path for one in database.files.page(1, after="b", limit=4)] == ["\u00e9"]


def test_missing_files_are_paged_alone(database: Database) -> None:
    store(database, *(file(path) for path in "abcd"))
    database.files.receive(file("b"), later(1))

    found = database.files.page(1, after="a", limit=4, missing_only=True)

    assert [one.path for one in found] == ["c", "d"]


def test_thousands_of_files_are_inserted_at_once(database: Database) -> None:
    many = [file(f"shard-{number:05}") for number in range(2_500)]

    commit(database, lambda stores: stores.files.insert(iter(many)))

    assert list(database.files.page(1, after="shard-01499", limit=1_000)) == many[1_500:]


def test_a_path_is_taken_once_in_its_version(database: Database) -> None:
    store(database, file())

    with pytest.raises(Taken):
        commit(database, lambda stores: stores.files.insert([file("other"), file()]))

    assert database.files.get(1, "other") is None


def test_only_one_multipart_upload_is_begun_for_a_file(database: Database) -> None:
    store(database, file())

    begun = [database.files.begin(file(), name) for name in ("first", "second")]

    assert begun == [True, False]
    assert database.files.get(1, "model.bin") == replace(file(), multipart_id="first")
    assert not database.files.begin(file("unknown"), "third")


def test_a_file_is_received_once(database: Database) -> None:
    store(database, file())
    database.files.begin(file(), "upload")
    database.files.refuse(file(), "too short")

    received = [database.files.receive(file(), later(seconds)) for seconds in (1, 2)]

    assert received == [True, False]
    expected = replace(file(), state=FileState.RECEIVED, received_at=later(1))
    assert database.files.get(1, "model.bin") == expected
    assert not database.files.begin(file(), "another")


def test_a_copied_file_gets_its_digest_with_its_bytes(database: Database) -> None:
    copied = file(origin="fraud/~runs/7/model.bin", sha256="")
    store(database, copied)

    assert database.files.receive(copied, later(1), sha256=digest("a"))

    found = database.files.get(1, "model.bin")
    assert found is not None
    assert (found.sha256, found.origin) == (digest("a"), "fraud/~runs/7/model.bin")
    assert list(database.files.twins(found.namespace, [digest("a")])) == [digest("a")]


def test_a_refused_file_may_be_begun_anew(database: Database) -> None:
    store(database, file())
    database.files.begin(file(), "first")

    database.files.refuse(file(), "too short")

    assert database.files.get(1, "model.bin") == replace(file(), problem="too short")
    assert database.files.begin(file(), "second")


def test_a_received_file_is_not_refused(database: Database) -> None:
    store(database, file())
    database.files.receive(file(), later(1))

    database.files.refuse(file(), "too late")

    found = database.files.get(1, "model.bin")
    assert found is not None
    assert (found.state, found.problem) == (FileState.RECEIVED, None)


def test_twins_are_received_files_of_the_same_namespace(database: Database) -> None:
    a, b, c = (digest(letter) for letter in "abc")
    store(
        database,
        file("one", sha256=a),
        file("two", sha256=a, version_id=2),
        file("three", sha256=b),
        file("four", sha256=c, namespace="other"),
        file("five", sha256=digest("e")),
    )
    for received in (file("one"), file("two", version_id=2), file("four"), file("five")):
        database.files.receive(received, later(1))

    twins = database.files.twins("fraud", [a, b, c, digest("d")])

    assert {sha256: twin.sha256 for sha256, twin in twins.items()} == {a: a}
    assert twins[a].path in {"one", "two"}
    assert database.files.twins("fraud", []) == {}
