"""The SDK against the whole registry."""

import io
import itertools
import secrets
from pathlib import Path

import pytest

from modelry import (
    Conflict,
    Damaged,
    Forbidden,
    Modelry,
    NotFound,
    NotSignedIn,
    Snapshot,
    Stale,
    downloads,
    files,
)
from modelry.login import SignIn
from tests.client.people import press
from tests.parts import LocalRegistry


@pytest.fixture
def name() -> str:
    return f"model-{secrets.token_hex(4)}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "model"
    (top / "weights").mkdir(parents=True)
    (top / "weights" / "a b+é.bin").write_bytes(secrets.token_bytes(100_000))
    (top / "config.json").write_text(secrets.token_hex())
    (top / "empty").touch()
    return top


def tree(top: Path) -> dict[str, bytes]:
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in top.rglob("*")
        if path.is_file()
    }


def test_what_is_pushed_is_pulled(
    registry: Modelry, name: str, folder: Path, tmp_path: Path
) -> None:
    version = registry.push(
        folder,
        name,
        parameters={"depth": 4, "kind": {"of": ["tree"]}},
        metrics={"accuracy": 0.97},
        datasets=[{"uri": "s3://data/iris"}],
        framework={"name": "scikit-learn", "version": "1.6"},
        license="Apache-2.0",
        tags={"team": "fraud"},
    )
    pulled = registry.pull(name, tmp_path / "out")

    assert (version.state, version.number, version.file_count) == ("ready", 1, 3)
    assert version.parameters == {"depth": 4, "kind": {"of": ["tree"]}}
    assert version.environment["python"].startswith("3.")
    assert pulled.digest == version.digest
    assert tree(pulled.path) == tree(folder)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["model", "out"]


def test_a_large_file_goes_in_parts_and_comes_in_ranges(
    registry: Modelry, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "CHUNK_BYTES", 10 << 20)
    source = tmp_path / "big.bin"
    source.write_bytes(secrets.token_bytes(1 << 20) * 65)
    seen: list[Snapshot] = []

    version = registry.push(source, name, progress=seen.append)
    pulled = registry.pull(version.reference, tmp_path / "out", progress=seen.append)

    assert source.stat().st_size > files.PART_BYTES
    assert tree(pulled.path) == {"big.bin": source.read_bytes()}
    ends = [snapshot for snapshot in seen if snapshot.finished]
    assert [end.stage for end in ends] == ["reading", "sending", "receiving"]
    assert {end.done_bytes for end in ends} == {65 << 20}


def test_every_way_to_name_a_version_finds_it(registry: Modelry, name: str, folder: Path) -> None:
    version = registry.push(folder, name)
    registry.set_alias(name, "champion", version.number)

    references = [
        f"{name}:1",
        f"default/{name}:latest",
        f"{name}@champion",
        f"{name}@{version.digest}",
    ]
    assert {registry.version(reference).number for reference in references} == {1}
    assert registry.version(f"{name}@champion").aliases == ["champion"]


def test_a_file_that_the_namespace_has_is_not_sent_again(
    registry: Modelry, name: str, folder: Path
) -> None:
    registry.push(folder, name)
    (folder / "new").write_text("new")
    seen: list[Snapshot] = []

    version = registry.push(folder, name, progress=seen.append)

    assert version.number == 2
    assert [file.path for file in registry.files(f"{name}:2")] == [
        "config.json",
        "empty",
        "new",
        "weights/a b+é.bin",
    ]
    assert seen[-1].done_bytes == seen[-1].total_bytes


def test_aliases_move_and_go(registry: Modelry, name: str, folder: Path) -> None:
    for _ in range(2):
        registry.push(folder, name, on_repeat="new")
    model = registry.model(name)

    registry.set_alias(name, "champion", 1, etag=model.etag)
    with pytest.raises(Stale):
        registry.set_alias(name, "champion", 2, etag=model.etag)
    moved = registry.set_alias(name, "champion", "latest", reason="better")

    assert moved.version == 2
    assert [(alias.alias, alias.version) for alias in registry.aliases(name)] == [("champion", 2)]
    assert registry.model(name).aliases == {"champion": 2}
    registry.remove_alias(name, "@champion")
    assert list(registry.aliases(name)) == []


def test_updates_are_merged_unless_the_object_moved_on(registry: Modelry, name: str) -> None:
    model = registry.register_model(name, description="one", tags={"a": "1", "b": "2"})

    changed = registry.update_model(name, etag=model.etag or "", tags={"a": None, "c": "3"})

    assert changed.tags == {"b": "2", "c": "3"}
    assert changed.description == "one"
    with pytest.raises(Stale, match="again"):
        registry.update_model(name, etag=model.etag or "", description="two")


def test_an_update_of_a_version_keeps_its_build(registry: Modelry, name: str, folder: Path) -> None:
    version = registry.push(folder, name, parameters={"depth": 1})

    changed = registry.update_version(version.reference, description="checked by hand")

    assert changed.description == "checked by hand"
    assert changed.parameters == {"depth": 1}
    assert changed.digest == version.digest


def test_lists_go_over_all_pages(registry: Modelry, name: str) -> None:
    names = [f"{name}-{at:03}" for at in range(55)]
    for each in names:
        registry.register_model(each)

    listed = [model.name for model in registry.models() if model.name.startswith(f"{name}-")]

    assert listed == names
    assert len(list(itertools.islice(registry.models(), 3))) == 3


def test_a_record_keeps_every_field_that_was_sent(registry: Modelry, name: str) -> None:
    model = registry.register_model(name, metadata={"a": {"b": [1, None]}})

    assert model.raw["metadata"] == {"a": {"b": [1, None]}}
    assert model.created_at is not None
    assert model.created_at.tzinfo is not None
    assert repr(model) == f"<Model default/{name}, no versions>"
    with pytest.raises(AttributeError, match="no field"):
        _ = model.unheard_of


def test_what_is_not_there_is_not_found(registry: Modelry, name: str, tmp_path: Path) -> None:
    for ask in (
        lambda: registry.model(name),
        lambda: registry.pull(f"{name}@champion", tmp_path / "out"),
        lambda: registry.namespace("nowhere"),
    ):
        with pytest.raises(NotFound):
            ask()

    assert list(tmp_path.iterdir()) == []


def test_readers_read_and_strangers_do_not(
    local_registry: LocalRegistry, registry: Modelry, name: str, folder: Path, tmp_path: Path
) -> None:
    registry.push(folder, name)
    reader = Modelry(local_registry.url, local_registry.token("reader"))

    assert tree(reader.pull(name, tmp_path / "out").path) == tree(folder)
    with pytest.raises(Forbidden):
        reader.push(folder, name)
    with pytest.raises(NotSignedIn, match="token"):
        Modelry(local_registry.url, "not-a-token").whoami()
    with pytest.raises(NotSignedIn):
        Modelry(local_registry.url).whoami()


def test_an_admin_makes_namespaces_and_grants_roles(
    local_registry: LocalRegistry, sign_in: SignIn, name: str, folder: Path
) -> None:
    admin = Modelry(local_registry.url, local_registry.token("admin"))
    room = name

    created = admin.create_namespace(room, description="a room")
    admin.grant("subject:dev:mallory", "writer", namespace=room)
    login = sign_in.by_device(sign_in.issuer(), lambda prompt: press(prompt, user="mallory"))
    writer = Modelry(local_registry.url, login.access_token, namespace=room)
    version = writer.push(folder, "iris")

    assert created.description == "a room"
    assert room in [each.name for each in admin.namespaces()]
    assert version.reference == f"{room}/iris:1"
    assert ("subject:dev:mallory", "writer") in [
        (grant.grantee, grant.role) for grant in admin.grants(room)
    ]
    actions = [event.action for event in admin.events(namespace=room)]
    assert "version.ready" in actions
    with pytest.raises(Conflict):
        admin.create_namespace(room)
    admin.revoke("subject:dev:mallory", namespace=room)
    assert "subject:dev:mallory" not in [grant.grantee for grant in admin.grants(room)]


def test_a_pull_leaves_what_is_there_unless_it_is_forced(
    registry: Modelry, name: str, folder: Path, tmp_path: Path
) -> None:
    registry.push(folder, name)
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes").write_text("mine")

    with pytest.raises(Conflict, match="--force"):
        registry.pull(name, out)
    assert tree(out) == {"notes": b"mine"}

    registry.pull(name, out, force=True)
    before = (out / "config.json").stat()
    registry.pull(name, out)

    after = (out / "config.json").stat()  # reading it may have moved the time of access
    assert tree(out) == tree(folder)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_bytes_that_changed_in_the_store_never_reach_the_destination(
    local_registry: LocalRegistry, registry: Modelry, name: str, folder: Path, tmp_path: Path
) -> None:
    version = registry.push(folder, name)
    store = local_registry.store
    key = f"default/{name}/{version.number}/config.json"
    size = (folder / "config.json").stat().st_size
    store.client().put_object(local_registry.bucket, key, io.BytesIO(b"!" * size), size)

    with pytest.raises(Damaged, match="twice over"):
        registry.pull(name, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_an_abandoned_push_is_not_found_as_the_latest(
    registry: Modelry, name: str, folder: Path
) -> None:
    registry.push(folder, name)
    pending = registry.transport.request(
        "POST",
        f"/namespaces/default/models/{name}/versions",
        body={"files": [{"path": "x", "size_bytes": 1, "sha256": "0" * 64}]},
    ).document

    registry.abandon(f"{name}:{pending['number']}")

    assert registry.version(f"{name}:2").state == "abandoned"
    assert registry.version(name).number == 1
    assert [version.number for version in registry.versions(name)] == [2, 1]
