"""Every query of the adapter can be answered from a declared index, by one command."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from core.adapters.mongo.database import MongoDatabase, mongo_client
from core.adapters.mongo.documents import SEARCH_SECONDS
from core.adapters.mongo.filters import leading
from core.adapters.mongo.indexes import PLAIN, UNIQUE, UNIQUE_IF_THERE
from core.adapters.mongo.terms import value_term, whole, word_term
from core.domain.access_tokens import Keyed
from core.domain.claims import Claim
from core.domain.deliveries import DeliveryState
from core.domain.events import SubjectKind
from core.domain.fields import VERSION_FIELDS, bound
from core.domain.metrics import summaries
from core.domain.orders import bound_orders
from core.domain.retention import Shown
from core.domain.search import Path
from core.domain.semantic_versions import SemanticVersion, parse_compatible
from core.domain.subjects import model_subject
from core.domain.versions import (
    ByAlias,
    ByDigest,
    ByFingerprint,
    ByNumber,
    ByStage,
    ByVersion,
    Compatible,
    Latest,
)
from core.ports import Stores
from handlers.api.v1.filters import parse_filter, parse_order
from tests.contract.entities import (
    Telling,
    access_token,
    account,
    approval,
    artifact,
    cursor,
    delivery,
    deployment,
    environment,
    evaluation,
    event,
    experiment,
    file,
    grant,
    later,
    lifecycle,
    logged_model,
    model,
    namespace,
    point,
    publisher,
    report,
    run,
    schema,
    serve_record,
    store,
    stored_object,
    version,
    webhook,
)

V1 = SemanticVersion(1, 2, 3)
ONES = parse_compatible("~=1.2")
RANGES = frozenset({"$gt", "$gte", "$lt", "$lte", "$in"})
KEYS = frozenset({"_id"})


class Recorder(CommandListener):
    """Keeps every command that is sent."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def mongo(mongodb_uri: str, database_name: str, recorder: Recorder) -> Iterator[MongoDatabase]:
    database = MongoDatabase(mongo_client(mongodb_uri, event_listeners=[recorder]), database_name)
    database.prepare()
    store(database, namespace(), model(), version(), file(), grant(), schema(), event(), approval())
    store(database, publisher(), webhook())
    database.transaction(lambda s: s.deliveries.begin(cursor()))
    store(database, environment(id=1), deployment(id=1), serve_record(id=1))
    store(database, experiment(id=1), run(id=1), logged_model(id=1))
    database.metrics.insert([point()])
    database.metrics.summarise(summaries([point()]))
    recorder.commands.clear()
    yield database
    database.close()


READS: dict[str, Callable[[Stores], Any]] = {
    "a namespace": lambda s: s.namespaces.get("fraud"),
    "all namespaces": lambda s: s.namespaces.page(among=None, after=None, limit=1000),
    "more namespaces": lambda s: s.namespaces.page(among=None, after="a", limit=1000),
    "some namespaces": lambda s: s.namespaces.page(among=["b", "fraud"], after="a", limit=9),
    "a model": lambda s: s.models.get("fraud", "iris"),
    "a model by id": lambda s: s.models.with_id("fraud", 1),
    "models": lambda s: s.models.page("fraud", after=None, limit=1000),
    "more models": lambda s: s.models.page("fraud", after="a", limit=1000),
    "a version by number": lambda s: s.versions.find("fraud", "iris", ByNumber(1)),
    "archived models too": lambda s: s.models.page(
        "fraud", after="a", limit=9, shown=Shown.READABLE
    ),
    "all models": lambda s: s.models.page("fraud", after=None, limit=9, shown=Shown.EVERYTHING),
    "models to purge": lambda s: s.models.due(later(1), 100),
    "versions to purge": lambda s: s.versions.due(later(1), 100),
    "a version of any sort": lambda s: s.versions.get("fraud", "iris", 1),
    "archived versions too": lambda s: s.versions.page(
        "fraud", "iris", before=9, limit=9, shown=Shown.READABLE
    ),
    "all versions": lambda s: s.versions.page(
        "fraud", "iris", before=9, limit=9, shown=Shown.EVERYTHING
    ),
    "a version by alias": lambda s: s.versions.find("fraud", "iris", ByAlias("a")),
    "a version by digest": lambda s: s.versions.find("fraud", "iris", ByDigest("sha256:0")),
    "a version by fingerprint": lambda s: s.versions.find(
        "fraud", "iris", ByFingerprint("fingerprint:0")
    ),
    "a version by semantic version": lambda s: s.versions.find("fraud", "iris", ByVersion(V1)),
    "a version in a range": lambda s: s.versions.find("fraud", "iris", Compatible(ONES)),
    "versions of a training": lambda s: s.versions.trained(
        "fraud", "iris", "fingerprint:0", "sha256:0"
    ),
    "a version of any sort by semantic version": lambda s: s.versions.bearing("fraud", "iris", V1),
    "the highest version": lambda s: s.versions.highest("fraud", "iris"),
    "the highest version below": lambda s: s.versions.highest("fraud", "iris", below=V1),
    "a version by stage": lambda s: s.versions.find("fraud", "iris", ByStage("Staging")),
    "a model by the root of its keys": lambda s: s.models.has_key_root("fraud", "iris"),
    "the highest stage of versions": lambda s: s.versions.newest_in_stages("fraud", "iris"),
    "versions by number": lambda s: s.versions.numbered("fraud", "iris", [1, 2]),
    "versions in a stage": lambda s: s.versions.in_stage("fraud", "Staging", 9),
    "a lifecycle": lambda s: s.lifecycles.get("fraud"),
    "the latest version": lambda s: s.versions.find("fraud", "iris", Latest()),
    "a version by id": lambda s: s.versions.with_id("fraud", 1),
    "a version by its name": lambda s: s.versions.named("fraud", "iris", "first"),
    "a version by prefix": lambda s: s.versions.at_prefix("fraud/iris/1"),
    "pending versions": lambda s: s.versions.pending("fraud", "iris", "sha256:0"),
    "versions": lambda s: s.versions.page("fraud", "iris", before=None, limit=1000),
    "more versions": lambda s: s.versions.page("fraud", "iris", before=9, limit=1000),
    "expired versions": lambda s: s.versions.expired(later(1), 100),
    "an artifact by id": lambda s: s.artifacts.with_id("fraud", 1),
    "artifacts of a place": lambda s: s.artifacts.stored_at(["a", "a/b", "a/b/c"]),
    "what lies at a place": lambda s: s.stored_objects.under("a/b", 1000),
    "an artifact by its name": lambda s: s.artifacts.named("fraud", "run 1", "model", "weights"),
    "a file": lambda s: s.files.get(1, "model.bin"),
    "files": lambda s: s.files.page(1, after=None, limit=1000),
    "more files": lambda s: s.files.page(1, after="a", limit=1000),
    "missing files": lambda s: s.files.page(1, after=None, limit=1000, missing_only=True),
    "more missing files": lambda s: s.files.page(1, after="a", limit=9, missing_only=True),
    "twins": lambda s: s.files.twins("fraud", ["0", "1"]),
    "a grant": lambda s: s.grants.get("fraud", "subject:dev:alice"),
    "grants that reach": lambda s: s.grants.reaching(["subject:dev:alice", "group:dev:a"]),
    "grants": lambda s: s.grants.page("fraud", after=None, limit=1000),
    "more grants": lambda s: s.grants.page("fraud", after="a", limit=1000),
    "grants in a namespace": lambda s: s.grants.within("fraud", after=None, limit=1000),
    "more grants in a namespace": lambda s: s.grants.within("fraud", after="fraud a", limit=9),
    "single models": lambda s: s.models.page("fraud", after="a", limit=9, among=["iris", "b"]),
    "models but for some": lambda s: s.models.page("fraud", after="a", limit=9, without=["b"]),
    "namespaces but for some": lambda s: s.namespaces.page(
        among=None, after="a", limit=9, without=["b"]
    ),
    "a publisher": lambda s: s.publishers.get("fraud", "release"),
    "publishers": lambda s: s.publishers.page("fraud", after="a", limit=9),
    "publishers of a token": lambda s: s.publishers.anchored("kubernetes\na\nb"),
    "a service account": lambda s: s.service_accounts.get("fraud", "deployer"),
    "service accounts": lambda s: s.service_accounts.page("fraud", after="a", limit=9),
    "an access token": lambda s: s.access_tokens.find("0123456789"),
    "access tokens": lambda s: s.access_tokens.page("subject:dev:a", after="a", limit=9),
    "a schema": lambda s: s.schemas.get("fraud", "classifier"),
    "schemas of these types": lambda s: s.schemas.among("fraud", ["*", "classifier"]),
    "schemas": lambda s: s.schemas.page("fraud", after=None, limit=1000),
    "more schemas": lambda s: s.schemas.page("fraud", after="a", limit=1000),
    "an approval": lambda s: s.approvals.get("fraud", "1"),
    "standing approvals": lambda s: s.approvals.standing("fraud", "iris", 1, "Production"),
    "approvals": lambda s: s.approvals.page("fraud", "iris", 1, before=None, limit=9),
    "more approvals": lambda s: s.approvals.page("fraud", "iris", 1, before="2", limit=9),
    "waiting approvals": lambda s: s.approvals.waiting("fraud", after=None, limit=9),
    "more waiting approvals": lambda s: s.approvals.waiting("fraud", after="0", limit=9),
    "due approvals": lambda s: s.approvals.due(later(1), 9),
    "events": lambda s: s.events.page("fraud", before=None, limit=1000),
    "more events": lambda s: s.events.page("fraud", before="f", limit=1000),
    "what happened since": lambda s: s.events.ids("fraud", after="0", until=None, limit=9),
    "what happened between": lambda s: s.events.ids("fraud", after="0", until="f", limit=9),
    "events by id": lambda s: s.events.with_ids(["0", "1"]),
    "a webhook": lambda s: s.webhooks.get("fraud", "1"),
    "a webhook and its secrets": lambda s: s.webhooks.kept("1"),
    "webhooks": lambda s: s.webhooks.page("fraud", after="0", limit=9),
    "a cursor": lambda s: s.deliveries.cursor("1"),
    "cursors that are due": lambda s: s.deliveries.due(later(1), 9),
    "a delivery": lambda s: s.deliveries.get("1", "e1"),
    "known deliveries": lambda s: s.deliveries.known("1", ["e1", "e2"]),
    "waiting deliveries": lambda s: s.deliveries.waiting("1", 9),
    "deliveries": lambda s: s.deliveries.page("1", state=None, before="f", limit=9),
    "dead deliveries": lambda s: s.deliveries.page(
        "1", state=DeliveryState.DEAD, before="f", limit=9
    ),
    "an evaluation": lambda s: s.evaluations.get("fraud", "iris", 1, "0"),
    "an evaluation by digest": lambda s: s.evaluations.same("fraud", "iris", 1, "sha256:0"),
    "a report": lambda s: s.evaluations.report("0"),
    "what stands of versions": lambda s: s.evaluations.of("fraud", "iris", [1, 2]),
    "evaluations of a version": lambda s: s.evaluations.page(
        "fraud", "iris", number=1, before="f", limit=9
    ),
    "evaluations of a model": lambda s: s.evaluations.page("fraud", "iris", before="f", limit=9),
    "evaluations on a data set": lambda s: s.evaluations.page(
        "fraud", "iris", dataset="holdout", before="f", limit=9
    ),
    "an environment": lambda s: s.environments.get("fraud", 1),
    "an environment by name": lambda s: s.environments.named("fraud", "prod"),
    "an environment by external id": lambda s: s.environments.known_as("fraud", "x"),
    "a deployment": lambda s: s.deployments.get("fraud", 1),
    "a deployment by name": lambda s: s.deployments.named("fraud", 1, "web"),
    "deployments that hold any version": lambda s: s.deployments.holding(
        "fraud", "iris", None, limit=9
    ),
    "deployments that hold a version": lambda s: s.deployments.holding("fraud", "iris", 1, limit=9),
    "a serve record": lambda s: s.serve_records.get("fraud", 1),
    "a serve record by name": lambda s: s.serve_records.named("fraud", 1, "first"),
    "a serve record by external id": lambda s: s.serve_records.known_as("fraud", "x"),
    "serve records": lambda s: s.serve_records.page(1, before=None, limit=9),
    "serve records, the oldest first": lambda s: s.serve_records.rising(1, after=9, limit=9),
    "more serve records": lambda s: s.serve_records.page(1, before=9, limit=9),
    "an experiment": lambda s: s.experiments.get("fraud", 1),
    "an experiment by name": lambda s: s.experiments.named("fraud", "first"),
    "experiments to purge": lambda s: s.experiments.due(later(1), 9),
    "a run": lambda s: s.runs.get("fraud", 1),
    "a run by name": lambda s: s.runs.named("fraud", 1, "try"),
    "a run by external id": lambda s: s.runs.known_as("fraud", "x"),
    "runs to purge": lambda s: s.runs.due(later(1), 9),
    "a logged model": lambda s: s.logged_models.get("fraud", 1),
    "logged models to purge": lambda s: s.logged_models.due(later(1), 9),
    "the last points": lambda s: s.metrics.page(1, "loss", limit=9, descending=True),
    "points of a metric": lambda s: s.metrics.page(1, "loss", limit=9),
    "more points of some steps": lambda s: s.metrics.page(
        1, "loss", after=point().place, first=0, last=8, limit=9
    ),
    "summaries of a metric": lambda s: s.metrics.summaries(
        1, "loss", 8, first=0, last=9_999, limit=9
    ),
    "a claim": lambda s: s.claims.get("1"),
    "the last checkpoint": lambda s: s.checkpoints.last(),
    "a checkpoint": lambda s: s.checkpoints.get(1),
    "a batch": lambda s: s.checkpoints.batch(1),
    "checkpoints": lambda s: s.checkpoints.page(after=None, limit=1000),
    "more checkpoints": lambda s: s.checkpoints.page(after=7, limit=1000),
    "events of a subject": lambda s: s.events.page(
        "fraud", kind=SubjectKind.MODEL, subject="fraud/iris", before="f", limit=9
    ),
    "the last event": lambda s: s.events.last(model_subject("fraud", "iris")),
    "the last event then": lambda s: s.events.last(model_subject("fraud", "iris"), at=later(1)),
}
SEARCHES: dict[str, tuple[str, str, int]] = {
    "everything": ("", "", 1),
    "a tag": ("tags.team = 'fraud'", "", 1),
    "words": ("WORDS('iris model')", "", 1),
    "one of several": ("parameters.a IN (1, 'x')", "metrics.auc desc, number", 2),
    "a model and more": ("(model = 'iris' AND id > 5) AND name LIKE 'i%'", "size_bytes", 1),
    "a range": ("metrics.auc > 0.5", "created_at desc", 1),
    "a choice": ("model = 'iris' OR NOT EXISTS(owner)", "owner", 2),
}
"""What is asked for, how it is ordered, and how many commands that takes."""

WRITES: dict[str, Callable[[Stores], Any]] = {
    "insert a namespace": lambda s: s.namespaces.insert(namespace("new")),
    "replace a namespace": lambda s: s.namespaces.replace(namespace(revision=2)),
    "insert a model": lambda s: s.models.insert(model("new")),
    "insert a version": lambda s: s.versions.insert(version(2)),
    "insert files": lambda s: s.files.insert([file("b"), file("c")]),
    "withdraw versions": lambda s: s.versions.withdraw("fraud", "iris"),
    "readmit versions": lambda s: s.versions.readmit("fraud", "iris"),
    "insert an artifact": lambda s: s.artifacts.insert(artifact("new")),
    "withdraw artifacts": lambda s: s.artifacts.withdraw("fraud", "iris"),
    "withdraw artifacts of a version": lambda s: s.artifacts.withdraw("fraud", "iris", 1),
    "readmit artifacts": lambda s: s.artifacts.readmit("fraud", "iris", 1),
    "forget artifacts": lambda s: s.artifacts.forget(1),
    "withdraw artifacts of runs": lambda s: s.artifacts.withdraw_runs(1),
    "readmit artifacts of a run": lambda s: s.artifacts.readmit_runs(1, 1),
    "forget artifacts of a run": lambda s: s.artifacts.forget_run(1, 1),
    "hold versions": lambda s: s.versions.hold("fraud", "iris"),
    "release versions": lambda s: s.versions.release("fraud", "iris"),
    "remove files": lambda s: s.files.remove(1, ["model.bin"]),
    "begin a file": lambda s: s.files.begin(file(), "upload"),
    "refuse a file": lambda s: s.files.refuse(file(), "too short"),
    "receive a file": lambda s: s.files.receive(file(), later(1)),
    "put a grant": lambda s: s.grants.put(grant()),
    "put a claim": lambda s: s.claims.put(Claim("1", "POST /", "0", {}, later(1))),
    "remove a grant": lambda s: s.grants.remove("fraud", "subject:dev:alice"),
    "put a publisher": lambda s: s.publishers.put(publisher()),
    "remove a publisher": lambda s: s.publishers.remove("fraud", "release"),
    "insert a service account": lambda s: s.service_accounts.insert(account()),
    "insert an access token": lambda s: s.access_tokens.insert(access_token(), Keyed("p", "0")),
    "put a lifecycle": lambda s: s.lifecycles.put(lifecycle()),
    "pin a lifecycle": lambda s: s.namespaces.pin_lifecycle("fraud", 0),
    "insert an environment": lambda s: s.environments.insert(environment("new")),
    "insert a deployment": lambda s: s.deployments.insert(deployment("new")),
    "note a serve record": lambda s: s.serve_records.insert(serve_record("new")),
    "insert an experiment": lambda s: s.experiments.insert(experiment("new")),
    "insert a run": lambda s: s.runs.insert(run("new")),
    "withdraw runs": lambda s: s.runs.withdraw(1),
    "readmit runs": lambda s: s.runs.readmit(1),
    "note the latest": lambda s: s.runs.note(
        run(id=1, logged=1, metrics={"a.b": 1.0}, latest={"a.b": {}}), ["a.b"]
    ),
    "insert a logged model": lambda s: s.logged_models.insert(logged_model("new")),
    "withdraw logged models": lambda s: s.logged_models.withdraw(1),
    "readmit logged models": lambda s: s.logged_models.readmit(1),
    "note what was measured": lambda s: s.logged_models.note(
        logged_model(id=1, logged=1, metrics={"a.b": 1.0}, measured={"a.b": {}}), ["a.b"]
    ),
    "note points": lambda s: s.metrics.insert([point(step) for step in range(1_000)]),
    "merge summaries": lambda s: s.metrics.summarise(summaries([point(1)])),
    "note an object": lambda s: s.stored_objects.note(stored_object("a/b")),
    "insert a webhook": lambda s: s.webhooks.insert(webhook("2"), "locked"),
    "replace a webhook": lambda s: s.webhooks.replace(webhook(revision=2), "locked"),
    "begin to deliver": lambda s: s.deliveries.begin(cursor("2")),
    "move a cursor": lambda s: s.deliveries.move(cursor(version=2)),
    "end a cursor": lambda s: s.deliveries.end("1"),
    "put a schema": lambda s: s.schemas.put(schema()),
    "insert an approval": lambda s: s.approvals.insert(approval("2", 2)),
    "replace an approval": lambda s: s.approvals.replace(approval(revision=2)),
    "remove a schema": lambda s: s.schemas.remove("fraud", "classifier"),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_a_read_is_one_command_that_an_index_covers(
    mongo: MongoDatabase, recorder: Recorder, read: Callable[[Stores], Any]
) -> None:
    read(mongo)

    (command,) = recorder.commands
    (query,) = queries(command)
    assert_covered(*query)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_is_one_command_and_its_event_and_commit_are_two(
    mongo: MongoDatabase, recorder: Recorder, write: Callable[[Stores], Any]
) -> None:
    def work(stores: Stores) -> None:
        telling: Any = Telling(stores)
        write(telling)
        stores.events.add(event())

    mongo.transaction(work)

    names = [next(iter(command)) for command in recorder.commands]
    assert names[1:] == ["insert", "commitTransaction"]
    for query in queries(recorder.commands[0]):
        assert_covered(*query)


def test_an_evaluation_is_written_in_three_commands_that_indexes_cover(
    mongo: MongoDatabase, recorder: Recorder
) -> None:
    made = evaluation()

    def work(stores: Stores) -> None:
        telling: Any = Telling(stores)
        telling.evaluations.insert(made, report(made))

    mongo.transaction(work)

    names = [next(iter(command)) for command in recorder.commands]
    assert names == ["update", "insert", "update", "insert", "commitTransaction"]
    for command in recorder.commands[:3]:
        for query in queries(command):
            assert_covered(*query)


def test_deliveries_are_recorded_in_two_commands(mongo: MongoDatabase, recorder: Recorder) -> None:
    some = [delivery(f"e{number}") for number in range(50)]

    mongo.transaction(lambda stores: stores.deliveries.record(some))

    names = [next(iter(command)) for command in recorder.commands]
    assert names == ["delete", "insert", "commitTransaction"]
    assert_covered(*queries(recorder.commands[0])[0])


LOGS: dict[str, tuple[Callable[[Stores], Any], list[str]]] = {
    "the log": (lambda s: s.audit.between("0", "g", 9), ["events", "accesses"]),
    "batches that overlap": (lambda s: s.checkpoints.reaching("0", "g"), ["batches"]),
}


@pytest.mark.parametrize(("read", "collections"), LOGS.values(), ids=LOGS.keys())
def test_sealing_reads_by_one_range_of_ids_in_each_collection(
    mongo: MongoDatabase,
    recorder: Recorder,
    read: Callable[[Stores], Any],
    collections: list[str],
) -> None:
    read(mongo)

    assert [command["find"] for command in recorder.commands] == collections
    for command in recorder.commands:
        (field,) = command["sort"]
        assert next(iter(command["filter"])) == field
        assert any(index[0] == field for index in PLAIN[command["find"]])


def test_noting_what_changed_nothing_is_one_command(
    mongo: MongoDatabase, recorder: Recorder
) -> None:
    mongo.audit.note(event())

    assert [next(iter(command)) for command in recorder.commands] == ["insert"]


STATES: dict[str, Callable[[Stores], Any]] = {
    "of some": lambda s: s.events.last_of_each([model_subject("fraud", "iris")], at=later(1)),
    "of all": lambda s: s.events.last_in(
        "fraud", SubjectKind.MODEL, at=later(1), after=None, limit=9
    ),
    "of more": lambda s: s.events.last_in(
        "fraud", SubjectKind.MODEL, at=later(1), after="a", limit=9
    ),
}


@pytest.mark.parametrize("read", STATES.values(), ids=STATES.keys())
def test_the_states_of_a_moment_are_one_command_over_the_index_of_subjects(
    mongo: MongoDatabase, recorder: Recorder, read: Callable[[Stores], Any]
) -> None:
    read(mongo)

    (command,) = recorder.commands
    match, sort, *_ = command["pipeline"]
    asked = list(match["$match"])
    assert asked == [name for name in PLAIN["events"][0] if name in asked]
    assert set(asked) >= {"namespace", "kind", "id"}
    assert sort == {"$sort": {"subject": 1, "id": 1}}


@pytest.mark.parametrize(("text", "order", "count"), SEARCHES.values(), ids=SEARCHES.keys())
def test_a_search_begins_with_one_condition_that_an_index_covers(
    mongo: MongoDatabase, recorder: Recorder, text: str, order: str, count: int
) -> None:
    tree = parse_filter(text)
    orders = bound_orders(parse_order(order), VERSION_FIELDS)
    whole = None if tree is None else bound(tree, VERSION_FIELDS)

    mongo.versions.search(["fraud", "risk"], whole, orders=orders, after=None, limit=9)

    assert len(recorder.commands) == count
    for command in recorder.commands:
        (query,) = queries(command)
        assert_covered(*query)
        first, second, *rest = command["pipeline"]
        assert list(first["$match"]) == ["terms"]
        assert {"namespace": {"$in": ["fraud", "risk"]}} in second["$match"]["$and"]
        assert {"listed": True} in second["$match"]["$and"]
        assert [next(iter(stage)) for stage in rest] == ["$sort", "$limit"]
        assert command["maxTimeMS"] == SEARCH_SECONDS * 1000


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("tags.a = 'x'", 2),
        ("tags.a IN ('x', 'y')", 3),
        ("WORDS('a longest b')", 1),
        ("state = 'ready' AND license = 'MIT' AND number = 7 AND tags.a = 'x'", 1),
        ("tags.a = 'x' OR tags.a = 'y'", 1),
        ("NOT tags.a = 'x'", 1),
        ("metrics.a > 1", 1),
    ],
)
def test_a_search_begins_with_what_promises_the_fewest(text: str, number: int) -> None:
    """The term of the namespace, of one equality (and of what overflows), or of one word."""
    tree = parse_filter(text)
    found = leading(
        ["fraud"], None if tree is None else bound(tree, VERSION_FIELDS), VERSION_FIELDS
    )["terms"]
    terms = found["$in"] if isinstance(found, dict) else [found]

    assert len(terms) == number
    is_whole = terms == [whole("fraud")]
    assert is_whole is (not text or text.startswith(("NOT", "metrics", "tags.a = 'x' OR")))
    if "longest" in text:
        assert terms == [word_term("fraud", "longest")]
    if "number" in text:
        assert terms == [value_term("fraud", Path("number"), 7)]


def test_what_a_search_may_begin_with_is_bounded() -> None:
    namespaces = [f"n{number}" for number in range(1_000)]
    tree = parse_filter(f"tags.a IN ({', '.join(map(str, range(500)))})")
    assert tree is not None

    found = leading(namespaces, bound(tree, VERSION_FIELDS), VERSION_FIELDS)["terms"]

    assert len(found["$in"]) == 1_000


def test_facets_are_one_command_that_an_index_covers(
    mongo: MongoDatabase, recorder: Recorder
) -> None:
    paths = [Path("state"), Path("tags", ("a.b",)), Path("alias"), Path("parameters", ("$x", "y"))]

    mongo.versions.facets(["fraud"], None, paths)

    (command,) = recorder.commands
    (query,) = queries(command)
    assert_covered(*query)


def test_an_id_is_one_command(mongo: MongoDatabase, recorder: Recorder) -> None:
    mongo.next_id("model")

    assert [next(iter(command)) for command in recorder.commands] == ["findAndModify"]
    assert recorder.commands[0]["query"] == {"_id": "model"}


def test_a_page_of_a_thousand_is_one_command(mongo: MongoDatabase, recorder: Recorder) -> None:
    mongo.transaction(
        lambda stores: stores.files.insert(
            file(f"shard-{number}", version_id=9) for number in range(1_200)
        )
    )
    recorder.commands.clear()

    found = mongo.files.page(9, after=None, limit=1_001)

    assert len(found) == 1_001
    assert [next(iter(command)) for command in recorder.commands] == ["find"]


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_the_server_answers_from_an_index(
    mongo: MongoDatabase, recorder: Recorder, read: Callable[[Stores], Any]
) -> None:
    read(mongo)
    (command,) = recorder.commands
    if "find" not in command:
        return  # The one aggregation, whose first stage is checked above.
    asked = {name: command[name] for name in ("find", "filter", "sort", "limit") if name in command}

    plan = mongo._database.command("explain", asked, verbosity="queryPlanner")

    stages = set(_stages(plan["queryPlanner"]["winningPlan"]))
    assert stages & {"IXSCAN", "IDHACK", "EXPRESS_IXSCAN", "EXPRESS_CLUSTERED_IXSCAN"}
    assert "COLLSCAN" not in stages


Query = tuple[str, Mapping[str, Any], list[str]]


def queries(command: Mapping[str, Any]) -> list[Query]:
    """The collection, filter and sort fields of all that the command looks up."""
    kind = next(iter(command))
    where = command[kind]
    match kind:
        case "find":
            return [(where, command["filter"], list(command.get("sort", {})))]
        case "aggregate":
            return [(where, command["pipeline"][0]["$match"], [])]
        case "update":
            return [(where, update["q"], []) for update in command["updates"]]
        case "delete":
            return [(where, delete["q"], []) for delete in command["deletes"]]
        case "insert":
            return []
    raise AssertionError(f"no query of the safe subset: {kind}")


def assert_covered(collection: str, filter: Mapping[str, Any], sort: list[str]) -> None:
    """Equalities are a prefix of an index, then at most one range, on the field it sorts by."""
    assert not [name for name in filter if name.startswith("$")], "an operator at the top"
    ranges = [name for name, value in filter.items() if isinstance(value, dict)]
    for name in ranges:
        assert set(filter[name]) <= RANGES
    assert len(ranges) <= 1
    equal = set(filter) - set(ranges)
    if "_id" in filter:
        assert sort in ([], ["_id"])
        return
    ordered = [name for name in sort if name not in equal]
    if any("$in" in filter[name] for name in ranges):
        assert ordered in ([], ["_id"], ranges)  # A small set, sorted in memory.
        ordered = []
    tail = list(dict.fromkeys([*ranges, *ordered]))
    assert len(tail) <= 1
    indexes = UNIQUE.get(collection, []) + PLAIN.get(collection, [])
    indexes += [(field,) for field in UNIQUE_IF_THERE.get(collection, [])]
    assert any(
        set(index[: len(equal)]) == equal
        and list(index[len(equal) : len(equal) + len(tail)]) == tail
        for index in indexes
    ), f"no index of {collection} covers {dict(filter)} sorted by {sort}"


def _stages(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):  # the same word as a field that filters have
            yield plan["stage"]
        for inner in plan.values():
            yield from _stages(inner)
    elif isinstance(plan, list):
        for inner in plan:
            yield from _stages(inner)
