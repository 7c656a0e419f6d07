"""Versions made of what the store has already: the same bytes, their own digest, nobody sending."""

from collections.abc import Mapping

import pytest

from core.domain.access import Role, system_caller
from core.domain.files import FileState
from core.domain.handovers import FromLogged, FromVersion
from core.domain.logged_files import FileOwner, OwnerKind
from core.domain.pages import PageRequest
from core.domain.uploads import reminder_of
from core.domain.versions import ByNumber, ModelVersion, VersionState
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from core.services import handovers
from tests.builders import ADMIN, World, caller, declare

FILES = {"MLmodel": b"flavors: {sklearn: {sklearn_version: 1.9.1}}", "data/x.bin": b"weights"}
SYSTEM = system_caller("uploads")


@pytest.fixture
def world() -> World:
    made = World(max_files=5)
    made.registry.models.register(ADMIN, "default", "iris", {})
    made.registry.experiments.create(ADMIN, "default", "trial", {})
    return made


@pytest.fixture
def run(world: World) -> FileOwner:
    made = world.registry.runs.create(ADMIN, "default", "trial", {})
    owner = FileOwner("default", OwnerKind.RUN, str(made.id))
    log(world, owner, {f"model/{path}": content for path, content in FILES.items()})
    return owner


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is small enough to be copied at once."""
    monkeypatch.setattr(handovers, "_AT_ONCE_BYTES", 0)


def log(world: World, owner: FileOwner, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        world.blobs.put(owner.key(path), content)


def made_of(world: World, run: FileOwner, folder: str = "model") -> ModelVersion:
    return world.registry.handovers.register(
        ADMIN, "default", "iris", {}, FromLogged(run, folder)
    ).version


def content_of(world: World, number: int, path: str) -> bytes:
    found = world.registry.downloads.get(ADMIN, "default", "iris", ByNumber(number), path)
    return world.blobs.fetch(found.request)


def test_a_version_of_what_a_run_logged_is_ready_at_once(world: World, run: FileOwner) -> None:
    version = made_of(world, run)

    assert (version.state, version.file_count) == (VersionState.READY, 2)
    assert version.digest == world.pushed(FILES, model="other").digest
    assert content_of(world, 1, "data/x.bin") == b"weights"
    assert version.framework == {"name": "sklearn", "version": "1.9.1"}
    assert world.registry.handovers.database.files.page(version.id, after=None, limit=9)[0].sha256


def test_it_does_not_change_with_the_run(world: World, run: FileOwner) -> None:
    made_of(world, run)

    log(world, run, {"model/data/x.bin": b"other"})
    world.registry.logged_files.remove(ADMIN, run, "")

    assert content_of(world, 1, "data/x.bin") == b"weights"


def test_what_is_said_counts_more_than_what_was_found(world: World, run: FileOwner) -> None:
    said = {"framework": {"name": "mine"}, "metadata": {"team": "a"}}

    version = world.registry.handovers.register(
        ADMIN, "default", "iris", said, FromLogged(run, "model")
    ).version

    assert version.framework == {"name": "mine"}
    assert set(version.metadata) == {"mlflow", "team"}


def test_every_registration_is_a_version_of_its_own(world: World, run: FileOwner) -> None:
    first, second = made_of(world, run), made_of(world, run)

    assert (first.number, second.number, first.digest == second.digest) == (1, 2, True)


def test_a_version_of_a_version_has_its_files(world: World) -> None:
    origin = world.pushed(FILES, model="other")

    version = world.registry.handovers.register(
        ADMIN, "default", "iris", {}, FromVersion("other", ByNumber(1))
    ).version

    assert (version.state, version.digest) == (VersionState.READY, origin.digest)
    assert content_of(world, 1, "data/x.bin") == b"weights"


def test_where_there_are_no_files_there_is_no_version(world: World, run: FileOwner) -> None:
    for folder in ("none", "model/MLmodel"):
        with pytest.raises(NotFound):
            made_of(world, run, folder)

    owner = FileOwner("default", OwnerKind.RUN, "99")
    with pytest.raises(NotFound):
        made_of(world, owner)
    with pytest.raises(NotFound):
        world.registry.handovers.register(
            ADMIN, "default", "iris", {}, FromVersion("iris", ByNumber(1))
        )


def test_a_version_without_files_may_be_wanted(world: World, run: FileOwner) -> None:
    for owner in (run, FileOwner("default", OwnerKind.RUN, "99")):
        version = world.registry.handovers.register(
            ADMIN, "default", "iris", {}, FromLogged(owner, "none"), even_without=True
        ).version
        assert (version.state, version.file_count) == (VersionState.READY, 0)

    stranger = caller(("default/iris", Role.WRITER))
    with pytest.raises((Forbidden, NotFound)):
        world.registry.handovers.register(
            stranger, "default", "iris", {}, FromLogged(run), even_without=True
        )


def test_a_pending_version_hands_nothing_over(world: World) -> None:
    world.registered(FILES)

    with pytest.raises(Conflict):
        world.registry.handovers.register(
            ADMIN, "default", "iris", {}, FromVersion("iris", ByNumber(1))
        )


def test_too_many_files_and_names_that_no_version_can_have_are_refused(
    world: World, run: FileOwner
) -> None:
    log(world, run, {f"many/{number}": b"" for number in range(6)})
    log(world, run, {"odd/ends in a dot.": b""})

    with pytest.raises(TooLarge):
        made_of(world, run, "many")
    with pytest.raises(Invalid, match="ends in a dot"):
        made_of(world, run, "odd")
    assert world.registry.models.get(ADMIN, "default", "iris").last_version == 0


def test_one_needs_to_read_where_it_comes_from(world: World, run: FileOwner) -> None:
    world.pushed(FILES, model="secret")
    writer = caller(("default/iris", Role.WRITER))

    for source in (FromLogged(run, "model"), FromVersion("secret", ByNumber(1))):
        with pytest.raises((Forbidden, NotFound)):
            world.registry.handovers.register(writer, "default", "iris", {}, source)


@pytest.mark.usefixtures("later")
def test_a_large_version_is_finished_as_the_stores_events_come(
    world: World, run: FileOwner
) -> None:
    version = made_of(world, run)
    assert (version.state, version.digest) == (VersionState.PENDING, None)
    assert version.size_bytes == sum(len(content) for content in FILES.values())

    outcome = world.registry.receipts.receive(SYSTEM, reminder_of(version))

    assert outcome == "ready"
    ready = world.registry.versions.get(ADMIN, "default", "iris", ByNumber(1))
    assert ready.digest == world.pushed(FILES, model="other").digest
    assert world.blobs.stat(reminder_of(version)) is None
    assert world.registry.receipts.receive(SYSTEM, reminder_of(version)) == "ignored"


@pytest.mark.usefixtures("later")
def test_the_copies_own_events_finish_it_too(world: World, run: FileOwner) -> None:
    version = made_of(world, run)

    outcomes = [
        world.registry.receipts.receive(SYSTEM, version.key_prefix + path) for path in FILES
    ]

    assert outcomes == ["received", "ready"]


@pytest.mark.usefixtures("later")
def test_a_caller_may_finish_it(world: World, run: FileOwner) -> None:
    made_of(world, run)

    completion = world.registry.receipts.complete(ADMIN, "default", "iris", 1)

    assert completion.version.state is VersionState.READY


@pytest.mark.usefixtures("later")
def test_a_client_is_not_asked_to_send_it(world: World, run: FileOwner) -> None:
    made_of(world, run)

    _, page = world.registry.uploads.open(ADMIN, "default", "iris", 1, PageRequest())

    assert page.items == ()


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("changed", [b"longer than before", None])
def test_what_changes_before_it_is_copied_makes_no_version(
    world: World, run: FileOwner, changed: bytes | None
) -> None:
    version = made_of(world, run)
    world.blobs.remove(run.key("model/data/x.bin"))
    if changed is not None:
        log(world, run, {"model/data/x.bin": changed})

    outcome = world.registry.receipts.receive(SYSTEM, reminder_of(version))

    assert outcome == "refused"
    with pytest.raises(Conflict):
        world.registry.receipts.complete(ADMIN, "default", "iris", 1)
    file = world.database.files.get(version.id, "data/x.bin")
    assert file is not None
    assert (file.state, bool(file.problem)) == (FileState.MISSING, True)


def test_a_push_finds_what_was_handed_over(world: World, run: FileOwner) -> None:
    made_of(world, run)
    declared = [declare(path, content) for path, content in FILES.items()]
    world.registry.versions.register(ADMIN, "default", "iris", {}, declared)

    _, page = world.registry.uploads.open(ADMIN, "default", "iris", 2, PageRequest())

    assert page.items == ()
    completion = world.registry.receipts.complete(ADMIN, "default", "iris", 2)
    assert completion.version.state is VersionState.READY
