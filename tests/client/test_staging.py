"""The working directory of a pull, and the destination that is made at once or not at all."""

import json
from pathlib import Path

import pytest

from modelry.errors import Conflict, Invalid
from modelry.records import RemoteFile
from modelry.staging import Destination, Staging

DIGEST = "sha256:" + "ab" * 32


def staging(destination: Path, chunk_bytes: int = 10) -> Staging:
    return Staging(Destination(destination), DIGEST, chunk_bytes)


def write(place: Staging, path: str, text: bytes) -> None:
    with place.open_file(path, len(text)) as file:
        file.write(text)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_the_destination_appears_when_it_is_finished(tmp_path: Path) -> None:
    with staging(tmp_path / "deep" / "out") as place:
        write(place, "a/b", b"text")
        assert not (tmp_path / "deep" / "out").exists()
        place.publish()

    assert names(tmp_path / "deep") == ["out"]
    assert (tmp_path / "deep" / "out" / "a" / "b").read_bytes() == b"text"


def test_what_was_written_is_remembered_by_the_next_pull(tmp_path: Path) -> None:
    with staging(tmp_path / "out") as place:
        for chunk in (0, 2):
            place.note_written("a", chunk)
        place.note_written("b", 0)
        place.forget("b")

    with staging(tmp_path / "out") as place:
        assert place.written("a") == {0, 2}
        assert place.written("b") == set()


def test_a_journal_that_was_cut_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    with staging(tmp_path / "out") as place:
        place.note_written("a", 0)
    journal = place.folder / "journal"
    journal.write_text(journal.read_text() + '["a", 1')

    with staging(tmp_path / "out") as place:
        assert place.written("a") == {0}
        place.note_written("a", 3)
    with staging(tmp_path / "out") as place:
        assert place.written("a") == {0, 3}


def test_a_journal_of_other_ranges_is_not_used(tmp_path: Path) -> None:
    with staging(tmp_path / "out") as place:
        place.note_written("a", 0)

    with staging(tmp_path / "out", chunk_bytes=20) as place:
        assert place.written("a") == set()
    assert json.loads((place.folder / "journal").read_text())["chunk_bytes"] == 20


def test_two_pulls_to_one_place_do_not_mix(tmp_path: Path) -> None:
    with staging(tmp_path / "out"), pytest.raises(Conflict, match="Another pull"):
        staging(tmp_path / "out").__enter__()


def test_links_planted_in_the_way_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    with staging(tmp_path / "out") as place:
        content = place.folder / "content"
        (content / "a").symlink_to(outside)
        (content / "b").symlink_to(outside / "file")
        for path in ("a/x", "b"):
            with pytest.raises(Invalid):
                place.open_file(path, 3)

    assert names(outside) == ["file"]
    assert (outside / "file").read_text() == "mine"


def test_a_link_in_place_of_the_working_directory_is_refused(tmp_path: Path) -> None:
    place = staging(tmp_path / "out")
    (tmp_path / "elsewhere").mkdir()
    place.folder.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Invalid, match="in the way"):
        place.__enter__()


def test_an_occupied_destination_is_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")
    with staging(tmp_path / "out") as place:
        write(place, "new", b"new")
        place.publish()

    assert names(tmp_path / "out") == ["new"]
    assert names(tmp_path) == ["out"]


def test_a_destination_knows_what_it_holds(tmp_path: Path) -> None:
    out = tmp_path / "out"
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
    manifest = [RemoteFile(path="foo", size_bytes=3, sha256=digest)]
    destination = Destination(out)
    assert not destination.is_occupied()
    out.mkdir()
    assert not destination.is_occupied()

    (out / "foo").write_text("foo")
    assert destination.is_occupied()
    assert destination.holds(manifest)

    (out / "foo").write_text("bar")
    assert not destination.holds(manifest)
    (out / "foo").write_text("foo")
    (out / "more").write_text("more")
    assert not destination.holds(manifest)


def test_a_destination_that_cannot_be_replaced_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    for path in (".", "..", "link", tmp_path, tmp_path.parent, "/"):
        with pytest.raises(Invalid, match="cannot be the destination"):
            Destination(path)
