"""Every moment can be read back: replaying the events rebuilds all that was there, exactly."""

import contextlib
from datetime import datetime
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, rule

from core.domain.access import Role, system_caller
from core.domain.aliases import Alias
from core.domain.approvals import Approval, Verdict
from core.domain.artifacts import Artifact
from core.domain.events import SubjectKind, last_event_id
from core.domain.grants import Grant
from core.domain.models import RegisteredModel
from core.domain.namespaces import Namespace
from core.domain.pages import PageRequest
from core.domain.records import record, restore
from core.domain.retention import READABLE, Retention, Shown
from core.domain.subjects import subject_of
from core.domain.versions import ByAlias, ByDigest, ByNumber, Latest, ModelVersion
from core.errors import RegistryError
from tests.builders import ADMIN, World, caller

KINDS: dict[SubjectKind, type[Any]] = {
    SubjectKind.NAMESPACE: Namespace,
    SubjectKind.MODEL: RegisteredModel,
    SubjectKind.VERSION: ModelVersion,
    SubjectKind.ALIAS: Alias,
    SubjectKind.GRANT: Grant,
    SubjectKind.ARTIFACT: Artifact,
    SubjectKind.APPROVAL: Approval,
}
MODELS = st.sampled_from(["iris", "tree"])
NUMBERS = st.integers(1, 4)
NAMES = st.sampled_from(["champion", "next"])
GRANTEES = st.sampled_from(["subject:dev:bob", "group:dev:team"])
WORDS = st.sampled_from(["", "a", "b"])
REFERENCES = (ByNumber(1), ByNumber(2), ByAlias("champion"), Latest())
EVERYTHING = PageRequest(1_000)
SWEEP = system_caller("sweep")
BOB = caller(("default", Role.APPROVER), subject="bob")


def stored(world: World) -> dict[Any, Any]:
    """Every entity by its subject, as the tables hold them now."""
    tables = world.database._tables
    entities: list[Any] = [*tables.namespaces.values(), *tables.models.values()]
    entities += [*tables.versions.values(), *tables.grants.values()]
    entities += [*tables.artifacts.values(), *tables.approvals.values()]
    for model in tables.models.values():
        entities += [Alias.of(model, name) for name in model.aliases]
    return {subject_of(entity): entity for entity in entities}


def replayed(world: World, at: datetime) -> dict[Any, Any]:
    """Every entity by its subject, from the events up to the moment alone."""
    found: dict[Any, Any] = {}
    for key, event in sorted(world.database._tables.events.items()):
        if key > last_event_id(at):
            break
        gone = event.after is None
        entity = restore(KINDS[event.kind], (event.before if gone else event.after) or {})
        if gone:  # an alias may be already: the events of one transaction sort by chance
            found.pop(subject_of(entity), None)
        else:
            found[subject_of(entity)] = entity
        if isinstance(entity, ModelVersion) and entity.retention is Retention.PURGED:
            found = {  # its artifacts went with it
                key: each
                for key, each in found.items()
                if not (isinstance(each, Artifact) and each.version_id == entity.id)
            }
        if isinstance(entity, RegisteredModel):  # aliases live in the model: it says where
            for subject in [each for each in found if each.kind is SubjectKind.ALIAS]:
                if found[subject].model == entity.name:
                    del found[subject]
            found |= {
                subject_of(alias): alias
                for alias in (Alias.of(entity, name) for name in entity.aliases)
            }
    return found


def answers(world: World, at: datetime | None) -> dict[str, Any]:
    """What every read answers, now or as of a moment; an error by its kind."""
    registry = world.registry
    found: dict[str, Any] = {}

    def ask(what: str, read: Any) -> None:
        try:
            answer = read()
        except RegistryError as error:
            answer = error.kind
        found[what] = answer

    ask("namespace", lambda: registry.namespaces.get(ADMIN, "default", as_of=at))
    ask("namespaces", lambda: registry.namespaces.page(ADMIN, EVERYTHING, as_of=at))
    ask("grants", lambda: registry.grants.page(ADMIN, "default", EVERYTHING, as_of=at))
    for shown in (Shown.LISTED, Shown.READABLE):
        ask(
            f"{shown} models",
            lambda shown=shown: registry.models.page(
                ADMIN, "default", EVERYTHING, shown=shown, as_of=at
            ),
        )
    for name in ("iris", "tree"):
        place = (ADMIN, "default", name)
        ask(f"{name}", lambda place=place: registry.models.get(*place, as_of=at))
        ask(f"{name} aliases", lambda place=place: registry.aliases.of_model(*place, as_of=at))
        for shown in (Shown.LISTED, Shown.READABLE):
            ask(
                f"{name} {shown} versions",
                lambda place=place, shown=shown: registry.versions.page(
                    *place, EVERYTHING, shown=shown, as_of=at
                ),
            )
        digest = "sha256:" + "0" * 64
        for version in world.database._tables.versions.values():
            digest = version.digest or digest
        for reference in (*REFERENCES, ByDigest(digest)):
            ask(
                f"{name} {reference if not isinstance(reference, ByDigest) else 'digest'}",
                lambda place=place, reference=reference: registry.versions.get(
                    *place, reference, as_of=at
                ),
            )
    return found


class Past(RuleBasedStateMachine):
    """Anything happens to two models, in the same millisecond or later; then all is read back."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(delete_grace_seconds=5)
        self.moments: dict[datetime, tuple[dict[Any, Any], dict[str, Any]]] = {}

    @contextlib.contextmanager
    def step(self, milliseconds: int) -> Any:
        self.world.clock.advance(seconds=milliseconds / 1000)
        with contextlib.suppress(RegistryError):
            yield self.world.registry
        now = self.world.clock.now()
        self.moments[now] = (stored(self.world), answers(self.world, None))

    @rule(wait=st.integers(0, 2), model=MODELS, again=st.booleans())
    def register(self, wait: int, model: str, again: bool) -> None:
        with self.step(wait) as registry:
            registry.models.register(ADMIN, "default", model, {}, reuse_deleted=again)

    @rule(wait=st.integers(0, 2), model=MODELS, has_files=st.booleans())
    def register_version(self, wait: int, model: str, has_files: bool) -> None:
        with self.step(wait):
            self.world.registered({"a": b"same"} if has_files else {}, model=model)

    @rule(wait=st.integers(0, 2), model=MODELS, number=NUMBERS)
    def complete(self, wait: int, model: str, number: int) -> None:
        with self.step(wait) as registry:
            version = registry.versions.get(ADMIN, "default", model, ByNumber(number))
            self.world.send(version, {"a": b"same"})
            registry.receipts.complete(ADMIN, "default", model, number)

    @rule(wait=st.integers(0, 2), model=MODELS, word=WORDS)
    def update(self, wait: int, model: str, word: str) -> None:
        with self.step(wait) as registry:
            registry.models.update(
                ADMIN, "default", model, {"tags": {"a": word}}, expected_revision=None
            )

    @rule(wait=st.integers(0, 2), model=MODELS, number=NUMBERS, word=WORDS)
    def update_version(self, wait: int, model: str, number: int, word: str) -> None:
        with self.step(wait) as registry:
            registry.versions.update(
                ADMIN,
                "default",
                model,
                ByNumber(number),
                {"description": word},
                expected_revision=None,
            )

    @rule(wait=st.integers(0, 2), model=MODELS)
    def undo(self, wait: int, model: str) -> None:
        with self.step(wait) as registry:
            registry.history.undo_model(ADMIN, "default", model, expected_revision=None)

    @rule(wait=st.integers(0, 2), word=WORDS)
    def update_namespace(self, wait: int, word: str) -> None:
        with self.step(wait) as registry:
            registry.namespaces.update(
                ADMIN, "default", {"description": word}, expected_revision=None
            )

    @rule(wait=st.integers(0, 2), model=MODELS, number=NUMBERS, name=NAMES)
    def point(self, wait: int, model: str, number: int, name: str) -> None:
        with self.step(wait) as registry:
            registry.aliases.point(ADMIN, "default", model, name, ByNumber(number))

    @rule(wait=st.integers(0, 2), model=MODELS, name=NAMES)
    def remove_alias(self, wait: int, model: str, name: str) -> None:
        with self.step(wait) as registry:
            registry.aliases.remove(ADMIN, "default", model, name)

    @rule(wait=st.integers(0, 2), grantee=GRANTEES, role=st.sampled_from([None, *list(Role)[:2]]))
    def grant(self, wait: int, grantee: str, role: Role | None) -> None:
        with self.step(wait) as registry:
            if role is None:
                registry.grants.remove(ADMIN, "default", grantee)
            else:
                registry.grants.put(ADMIN, "default", grantee, role)

    @rule(
        wait=st.integers(0, 2),
        model=MODELS,
        verb=st.sampled_from(["archive", "restore", "delete", "undelete"]),
    )
    def keep(self, wait: int, model: str, verb: str) -> None:
        with self.step(wait) as registry:
            getattr(registry.deletions, f"{verb}_model")(ADMIN, "default", model, reason="why")

    @rule(
        wait=st.integers(0, 2),
        model=MODELS,
        number=NUMBERS,
        verb=st.sampled_from(["archive", "restore", "delete", "undelete"]),
    )
    def keep_version(self, wait: int, model: str, number: int, verb: str) -> None:
        with self.step(wait) as registry:
            change = getattr(registry.deletions, f"{verb}_version")
            change(ADMIN, "default", model, number, reason="why")

    @rule(
        wait=st.integers(0, 2),
        model=MODELS,
        number=st.none() | NUMBERS,
        verb=st.sampled_from(["hold", "release"]),
    )
    def hold(self, wait: int, model: str, number: int | None, verb: str) -> None:
        with self.step(wait) as registry:
            noun, more = ("model", ()) if number is None else ("version", (number,))
            change = getattr(registry.holds, f"{verb}_{noun}")
            change(ADMIN, "default", model, *more, reference="case 7", reason="why")

    @rule(
        wait=st.integers(0, 2),
        model=MODELS,
        number=NUMBERS,
        verb=st.sampled_from(["request", "comment", "withdraw", *Verdict]),
    )
    def ask(self, wait: int, model: str, number: int, verb: str) -> None:
        with self.step(wait) as registry:
            asked = registry.approvals.request(
                ADMIN, "default", model, number, to_stage="Archived"
            ).approval
            place = ("default", model, asked.id)
            if verb == "comment":
                registry.decisions.comment(ADMIN, *place, "well")
            elif verb == "withdraw":
                registry.decisions.withdraw(ADMIN, *place)
            elif verb != "request":
                registry.decisions.decide(BOB, *place, Verdict(verb), digest=asked.digest)

    @rule()
    def purge(self) -> None:
        with self.step(6_000) as registry:
            registry.purges.purge(SWEEP)

    @rule()
    def a_clock_is_behind(self) -> None:
        """What it changes first is dated back; what was changed since is not."""
        self.world.clock.advance(seconds=-0.001)
        self.moments.pop(self.world.clock.now(), None)
        with contextlib.suppress(RegistryError):
            self.world.registry.models.update(
                ADMIN, "default", "iris", {"owner": "behind"}, expected_revision=None
            )
        self.world.clock.advance(seconds=0.001)
        now = self.world.clock.now()
        self.moments[now] = (stored(self.world), answers(self.world, None))

    def teardown(self) -> None:
        for at, (entities, answered) in self.moments.items():
            assert replayed(self.world, at) == entities
            then = answers(self.world, at)
            for what, answer in answered.items():
                assert then[what] == answer, f"{what} at {at}"


Past.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestThePast = Past.TestCase


def test_a_record_of_everything_is_a_state_of_everything() -> None:
    world = World()
    world.pushed({"a": b"1"})

    for entity in stored(world).values():
        assert restore(type(entity), record(entity)) == entity


def test_readable_and_listed_are_what_they_say() -> None:
    assert {each for each in Retention if Shown.READABLE.holds(each)} == READABLE
    assert [each for each in Retention if Shown.LISTED.holds(each)] == [Retention.ACTIVE]
