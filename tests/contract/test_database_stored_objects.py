"""What is known of objects that no upload declared, on every implementation of the store."""

from core.ports import Database
from tests.contract.entities import artifact, commit, later, store, stored_object


def test_a_place_holds_what_is_at_it_and_below_it_and_nothing_beside_it(
    database: Database,
) -> None:
    keys = ["a/b", "a/b/c", "a/b/c/d.bin", "a/b-1/x", "a/b.bin", "a/bc", "a", "z", "a/b c", "a/b/é"]
    for key in keys:
        database.stored_objects.note(stored_object(key))

    def under(place: str, limit: int = 100) -> list[str]:
        return [each.key for each in database.stored_objects.under(place, limit)]

    assert under("a/b") == ["a/b", "a/b/c", "a/b/c/d.bin", "a/b/é"]
    assert under("a/b", 2) == ["a/b", "a/b/c"]
    assert under("a/b/c/d.bin") == ["a/b/c/d.bin"]
    assert under("b") == under("a/b/c/d") == []


def test_what_is_noted_again_is_as_it_was_noted_last(database: Database) -> None:
    database.stored_objects.note(stored_object("a/b", 3))
    newer = stored_object("a/b", 4, sha256="cd" * 32, at=later(1))

    database.stored_objects.note(newer)
    database.stored_objects.note(newer)

    assert database.stored_objects.under("a", 10) == [newer]


def test_artifacts_are_found_by_their_place_while_they_are_within_reach(
    database: Database,
) -> None:
    of_version = {"model": "iris", "number": 1, "version_id": 1}
    here = artifact("here", stored_at="a/b", is_measured=True, **of_version)
    above = artifact("above", stored_at="a")
    store(database, here, above, artifact("beside", stored_at="a/bc"), artifact("nowhere"))

    assert database.artifacts.stored_at(["a", "a/b", "a/b/c"]) == [here, above]
    commit(database, lambda stores: stores.artifacts.withdraw("fraud", "iris", 1))
    assert database.artifacts.stored_at(["a", "a/b", "a/b/c"]) == [above]
    assert database.artifacts.stored_at(["a", "a/b"], within_reach=False) == [here]
    assert database.artifacts.stored_at([]) == []
