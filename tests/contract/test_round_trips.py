"""What each use case asks of the database: reads one command, changes one short transaction."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import monitoring

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.clock import MemoryClock
from core.adapters.memory.tokens import MemoryTokenVerifier
from core.adapters.mongo.database import MongoDatabase, mongo_client
from core.bootstrap import bundle
from core.domain.access import Caller, Principal, Role, system_caller
from core.domain.approvals import Decision, Verdict
from core.domain.lifecycles import default_lifecycle
from core.domain.moments import shown as time_text
from core.domain.pages import PageRequest
from core.domain.versions import parse_reference
from core.errors import NotFound
from core.registry import Registry
from tests.builders import ADMIN, caller, declare, evaluation_report, settings
from tests.contract.entities import approval, store

CONTENT = b"weights"
PAGE = PageRequest(50)


class Listener(monitoring.CommandListener):
    """Writes down every command: its name and collection, as in `find models`."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        target = event.command[event.command_name]
        name = event.command_name
        self.commands.append(f"{name} {target}" if isinstance(target, str) else name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Not needed."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Not needed."""


class Watched:
    """A registry on a real database, with a ready version 1 of `iris` that is `@champion`."""

    def __init__(self, uri: str, database_name: str) -> None:
        self.listener = Listener()
        self._client = mongo_client(uri, event_listeners=[self.listener])
        database = MongoDatabase(self._client, database_name)
        database.prepare()
        self.clock = MemoryClock()
        self.tokens = MemoryTokenVerifier(self.clock)
        self.blobs = MemoryBlobStore(clock=self.clock)
        self.registry: Registry = bundle(settings(), database, self.blobs, self.tokens, self.clock)
        self.registry.namespaces.create(ADMIN, "default", {})
        self.registry.models.register(ADMIN, "default", "iris", {})
        self.push()
        self.registry.aliases.point(ADMIN, "default", "iris", "champion", parse_reference("1"))

    def push(self) -> str:
        """Another version, ready; its digest."""
        file = declare("model.bin", CONTENT)
        version = self.registry.versions.register(ADMIN, "default", "iris", {}, [file]).version
        _, page = self.registry.uploads.open(ADMIN, "default", "iris", version.number, PAGE)
        for transfer in page.items:
            assert transfer.put is not None
            self.blobs.send(transfer.put, CONTENT)
        self.registry.receipts.complete(ADMIN, "default", "iris", version.number)
        return str(version.digest)

    def commands(self, use_case: Callable[[], object]) -> list[str]:
        """What the use case asked of the database, in order."""
        self.listener.commands.clear()
        use_case()
        return list(self.listener.commands)

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def watched(mongodb_uri: str, database_name: str) -> Iterator[Watched]:
    watched = Watched(mongodb_uri, database_name)
    yield watched
    watched.close()


@pytest.mark.parametrize("reference", ["1", "v1", "latest", "@champion", "digest"])
def test_a_version_is_read_in_one_command_however_it_is_named(
    watched: Watched, reference: str
) -> None:
    versions = watched.registry.versions
    digest = str(versions.get(ADMIN, "default", "iris", parse_reference("1")).digest)
    named = parse_reference(digest if reference == "digest" else reference)

    asked = watched.commands(lambda: versions.get(ADMIN, "default", "iris", named))

    assert asked == ["find versions"]


def test_every_other_read_is_one_command_too(watched: Watched) -> None:
    registry = watched.registry
    reads: dict[str, Callable[[], Any]] = {
        "find namespaces": lambda: registry.namespaces.get(ADMIN, "default"),
        "find models": lambda: registry.models.get(ADMIN, "default", "iris"),
        "find versions": lambda: registry.versions.page(ADMIN, "default", "iris", PAGE),
        "find grants": lambda: registry.grants.page(ADMIN, "default", PAGE),
        "find events": lambda: registry.events.page(ADMIN, "default", PAGE),
    }
    pages: list[Callable[[], Any]] = [
        lambda: registry.namespaces.page(ADMIN, PAGE),
        lambda: registry.models.page(ADMIN, "default", PAGE),
        lambda: registry.aliases.of_model(ADMIN, "default", "iris"),
    ]

    assert {name: watched.commands(read) for name, read in reads.items()} == {
        name: [name] for name in reads
    }
    assert [len(watched.commands(page)) for page in pages] == [1, 1, 1]


def test_the_files_of_a_version_are_read_in_two_commands_and_told_of_in_one(
    watched: Watched,
) -> None:
    downloads = watched.commands(
        lambda: watched.registry.downloads.page(
            ADMIN, "default", "iris", parse_reference("@champion"), PAGE
        )
    )

    assert downloads == ["find versions", "find files", "insert accesses"]


def test_grants_are_asked_for_once_and_then_kept(watched: Watched) -> None:
    alice = Principal("dev", "alice", ("team",))
    watched.registry.grants.put(ADMIN, "default", alice.name, Role.READER)
    token = watched.tokens.issue(alice)

    def read() -> None:
        caller: Caller = watched.registry.identities.identify(token)
        watched.registry.models.get(caller, "default", "iris")

    assert watched.commands(read) == ["find grants", "find models"]
    assert watched.commands(read) == ["find models"]


def test_an_access_token_costs_one_query_more_and_a_publisher_none(watched: Watched) -> None:
    registry = watched.registry
    registry.grants.put(ADMIN, "default", "subject:dev:ann", Role.READER)
    ann = registry.identities.identify(watched.tokens.issue(Principal("dev", "ann")))
    text = registry.access_tokens.create(ann, "laptop").text
    claims = {"sub": "robot"}
    registry.publishers.put(ADMIN, "default", "robot", "custom", claims, role=Role.READER)
    robot = Principal("custom", "robot", platform="custom", claims=(("sub", "robot"),))
    workload = watched.tokens.issue(robot)

    def read(token: str) -> list[str]:
        def work() -> None:
            registry.models.get(registry.identities.identify(token), "default", "iris")

        return watched.commands(work)

    assert read(text) == ["find access_tokens", "find grants", "find models"]
    assert read(text) == ["find access_tokens", "find models"]
    assert read(workload) == ["find publishers", "find models"]
    assert read(workload) == ["find models"]


def test_what_does_not_exist_takes_two_more_commands_to_explain(watched: Watched) -> None:
    def read() -> None:
        with pytest.raises(NotFound, match="has no version 7"):
            watched.registry.versions.get(ADMIN, "default", "iris", parse_reference("7"))

    # whether it is the model that lacks, and whether the version was deleted
    assert watched.commands(read) == ["find versions", "find models", "find versions"]


def test_creating_a_model_is_a_number_and_one_transaction(watched: Watched) -> None:
    create = watched.commands(
        lambda: watched.registry.models.register(ADMIN, "default", "wine", {})
    )

    assert create == [
        "findAndModify counters",
        "find namespaces",
        "find models",  # whether the name was a deleted model's
        "find models",  # whether the files of a renamed one lie where its own would
        "insert models",
        "insert events",
        "commitTransaction",
    ]


def test_creating_a_version_is_a_number_and_one_transaction(watched: Watched) -> None:
    create = watched.commands(
        lambda: watched.registry.versions.register(
            ADMIN, "default", "iris", {}, [declare("other.bin", b"other")]
        )
    )

    assert create == [
        "find versions",  # whether it is a push to be resumed
        "findAndModify counters",
        "find versions",  # whether somebody was faster
        "find models",
        "find schemas",
        "find versions",  # the highest one, whose semantic version is bumped
        "update models",
        "insert versions",
        "insert files",
        "insert events",
        "commitTransaction",
    ]


def test_a_training_that_is_there_already_is_found_by_one_command(watched: Watched) -> None:
    def register() -> None:
        watched.registry.versions.register(ADMIN, "default", "iris", {"parameters": {"depth": 3}})

    register()

    assert watched.commands(register) == ["find versions"]


def test_declaring_a_thousand_files_is_one_insert(watched: Watched) -> None:
    files = [declare(f"{number:04}.bin", b"%d" % number) for number in range(1000)]

    create = watched.commands(
        lambda: watched.registry.versions.register(ADMIN, "default", "iris", {}, files)
    )

    assert create.count("insert files") == 1


def test_describing_a_model_is_one_transaction(watched: Watched) -> None:
    change = watched.commands(
        lambda: watched.registry.models.update(
            ADMIN, "default", "iris", {"description": "better"}, expected_revision=None
        )
    )

    assert change == ["find models", "update models", "insert events", "commitTransaction"]


def test_a_change_that_changes_nothing_writes_nothing(watched: Watched) -> None:
    change = watched.commands(
        lambda: watched.registry.models.update(
            ADMIN, "default", "iris", {"description": ""}, expected_revision=None
        )
    )

    assert change == ["find models", "commitTransaction"]


def test_setting_an_alias_is_one_transaction(watched: Watched) -> None:
    point = watched.commands(
        lambda: watched.registry.aliases.point(
            ADMIN, "default", "iris", "candidate", parse_reference("1")
        )
    )

    assert point == [
        "find lifecycles",  # whether it follows a stage, or is protected
        "find models",
        "find versions",
        "update models",
        "update versions",
        "insert events",
        "commitTransaction",
    ]


def test_a_promotion_through_five_gates_is_three_reads_and_one_transaction(
    watched: Watched,
) -> None:
    """Counted is every command to the database. Before the transaction: the lifecycle, the model,
    and the version with the one that makes room. In it, on its snapshot: evaluations of both, and
    requests for approval, as far as gates ask for them."""
    registry = watched.registry
    gates = (
        {"rule": "metric", "require": "auc >= champion - 0.01"},
        {"rule": "metadata", "schema": {"required": ["description"]}},
        {"rule": "evaluation", "dataset": "holdout", "max_age_days": 30},
        {"rule": "artifact", "name": "card"},
        {"rule": "approval", "count": 1},
    )
    default = default_lifecycle("default")
    ways = tuple(
        replace(way, gates=gates) if way.to_stage == "Production" else way
        for way in default.transitions
    )
    card = {"name": "card", "kind": "document", "uri": "https://example.org/card"}
    report = {
        "schema_version": 1,
        "dataset": {"name": "holdout"},
        "metrics": {"auc": 0.9},
        "evaluator": {"name": "test"},
        "evaluated_at": "2026-01-01T00:00:00Z",
    }
    for number in (2, 3):
        described = {"description": "whole", "metrics": {"auc": 0.9}, "artifacts": [card]}
        described |= {"parameters": {"n": number}}
        registry.versions.register(ADMIN, "default", "iris", described)
        named = parse_reference(str(number))
        registry.promotions.promote(ADMIN, "default", "iris", named, "Staging")
    registry.promotions.promote(ADMIN, "default", "iris", parse_reference("2"), "Production")
    registry.lifecycles.put(ADMIN, "default", default.stages, ways)
    third = parse_reference("3")
    report["evaluated_at"] = time_text(watched.clock.now())
    registry.evaluations.register(ADMIN, "default", "iris", third, report)
    asked = registry.promotions.judge(ADMIN, "default", "iris", third, "Production")
    approved = approval(
        number=3,
        namespace="default",
        digest=str(asked.digest),
        decisions=(
            Decision(
                by="subject:dev:carol",
                roles=("approver",),
                verdict=Verdict.APPROVE,
                digest=str(asked.digest),
                at=watched.clock.now(),
            ),
        ),
        requested_at=watched.clock.now(),
        updated_at=watched.clock.now(),
        expires_at=watched.clock.now() + timedelta(days=1),
    )
    store(registry.database, approved)

    def promote() -> None:
        registry.promotions.promote(ADMIN, "default", "iris", third, "Production")

    assert watched.commands(promote) == [
        "find lifecycles",
        "find models",
        "find versions",  # both
        "update namespaces",  # so that the lifecycle stays as it was read
        "find evaluations",  # of both
        "find approvals",
        "update models",
        "update versions",
        "update versions",  # the one that makes room
        "update approvals",
        "insert events",  # all seven
        "commitTransaction",
    ]
    assert watched.commands(promote) == ["find lifecycles", "find models", "find versions"]


def test_receiving_the_last_file_is_five_commands_and_one_transaction(watched: Watched) -> None:
    file = declare("other.bin", b"other")
    version = watched.registry.versions.register(ADMIN, "default", "iris", {}, [file]).version
    _, page = watched.registry.uploads.open(ADMIN, "default", "iris", version.number, PAGE)
    (transfer,) = page.items
    assert transfer.put is not None
    watched.blobs.send(transfer.put, b"other")
    uploads = system_caller("uploads")

    receive = watched.commands(
        lambda: watched.registry.receipts.receive(uploads, transfer.file.key)
    )
    again = watched.commands(lambda: watched.registry.receipts.receive(uploads, transfer.file.key))

    assert receive == [
        "find versions",
        "find files",
        "update files",
        "find files",
        "findAndModify counters",
        "find versions",
        "update versions",
        "insert artifacts",
        "insert events",
        "commitTransaction",
    ]
    assert again == ["find versions"]


def test_evaluations_are_registered_in_one_transaction_and_read_by_the_shelf(
    watched: Watched,
) -> None:
    registry, first = watched.registry, parse_reference("1")
    place = (ADMIN, "default", "iris")
    report = evaluation_report()

    register = watched.commands(lambda: registry.evaluations.register(*place, first, report))
    again = watched.commands(lambda: registry.evaluations.register(*place, first, report))
    (made,) = registry.evaluations.page(*place, PAGE).items

    assert register == [
        "find versions",
        "find evaluations",  # whether it is there already
        "update evaluations",  # what stood on this data set stands no more
        "insert evaluations",
        "update evaluation_reports",
        "insert events",
        "commitTransaction",
    ]
    assert again == ["find versions", "find evaluations", "commitTransaction"]
    assert watched.commands(
        lambda: registry.database.evaluations.of("default", "iris", [1, 2, 3])
    ) == ["find evaluations"]
    assert watched.commands(lambda: registry.evaluations.page(*place, PAGE, reference=first)) == [
        "find versions",
        "find evaluations",
    ]
    assert watched.commands(lambda: registry.evaluations.get(*place, first, made.id)) == [
        "find versions",
        "find evaluations",
        "find evaluation_reports",
    ]


def test_a_decision_is_four_reads_and_one_transaction(watched: Watched) -> None:
    asked = watched.registry.approvals.request(ADMIN, "default", "iris", 1, to_stage="Staging")
    approver = caller(("default", Role.APPROVER), subject="bob")

    decide = watched.commands(
        lambda: watched.registry.decisions.decide(
            approver,
            "default",
            "iris",
            asked.approval.id,
            Verdict.APPROVE,
            digest=asked.approval.digest,
        )
    )

    assert decide == [
        "find approvals",
        "find versions",
        "find lifecycles",
        "find evaluations",
        "update approvals",
        "insert events",
        "commitTransaction",
    ]


def test_what_waits_is_one_command(watched: Watched) -> None:
    watched.registry.approvals.request(ADMIN, "default", "iris", 1, to_stage="Staging")

    assert watched.commands(
        lambda: watched.registry.approvals.waiting(ADMIN, "default", PAGE, everybody=True)
    ) == ["find approvals"]
