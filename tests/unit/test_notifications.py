"""Storage notifications in every wrapping, and what a batch of them comes to."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.versions import ByNumber
from handlers.events.notifications import Notice, Unreadable, notices
from handlers.events.uploads import BatchFailed, receive_all
from tests.builders import ADMIN, World

KEY = "default/iris/1/a.bin"


def s3(key: str = KEY, bucket: str = "modelry", name: str = "ObjectCreated:Put") -> dict[str, Any]:
    """A record as S3 writes it; MinIO's begins its names with `s3:`."""
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": name,
        "s3": {
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": quote_plus(key, safe="/"), "size": 3, "sequencer": "0A"},
        },
    }


def direct(*records: Any) -> dict[str, Any]:
    return {"Records": list(records)}


def minio(key: str = KEY) -> dict[str, Any]:
    record = s3(key, name="s3:ObjectCreated:CompleteMultipartUpload")
    return {"EventName": record["eventName"], "Key": f"modelry/{key}", "Records": [record]}


def eventbridge(key: str = KEY) -> dict[str, Any]:
    return {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {"bucket": {"name": "modelry"}, "object": {"key": key, "size": 3}},
    }


def sns(event: Any) -> dict[str, Any]:
    message = {"Type": "Notification", "Message": json.dumps(event)}
    return {"Records": [{"EventSource": "aws:sns", "Sns": message}]}


def sqs(*events: Any) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{number}", "body": json.dumps(event), "eventSource": "aws:sqs"}
            for number, event in enumerate(events)
        ]
    }


def cloud_storage(key: str = KEY) -> dict[str, Any]:
    """The data of Eventarc's `google.cloud.storage.object.v1.finalized`."""
    return {"kind": "storage#object", "bucket": "modelry", "name": key, "size": "3"}


def pubsub(event: Any) -> dict[str, Any]:
    data = b64encode(json.dumps(event).encode()).decode()
    return {"message": {"data": data, "messageId": "1"}, "subscription": "projects/p/s"}


SHAPES: dict[str, Callable[[str], Any]] = {
    "S3": lambda key: direct(s3(key)),
    "S3, copied": lambda key: direct(s3(key, name="ObjectCreated:Copy")),
    "MinIO": minio,
    "EventBridge": eventbridge,
    "Cloud Storage": cloud_storage,
    "Cloud Storage by Pub/Sub": lambda key: pubsub(cloud_storage(key)),
    "S3 by SNS": lambda key: sns(direct(s3(key))),
    "S3 by SQS": lambda key: sqs(direct(s3(key))),
    "MinIO by SQS": lambda key: sqs(minio(key)),
    "EventBridge by SQS": lambda key: sqs(eventbridge(key)),
    "S3 by SNS by SQS": lambda key: sqs(
        {"Type": "Notification", "Message": json.dumps(direct(s3(key)))}
    ),
}
KEYS = ["a.bin", "a b", "a+b", "a%2Bb", "%2e%2e", "ü/ß", "x=1&y", "\U0001f600"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_shape_tells_the_key_as_it_is_in_the_store(
    shape: Callable[[str], Any], key: str
) -> None:
    (notice,) = notices(shape(f"default/iris/1/{key}"))

    assert isinstance(notice, Notice)
    assert (notice.bucket, notice.key) == ("modelry", f"default/iris/1/{key}")
    assert notice.message_id == ("m0" if shape("").get("Records", [{}])[0].get("body") else None)


def test_a_key_is_decoded_once() -> None:
    record = s3()
    for encoded, key in (("a%2Bb", "a+b"), ("a+b", "a b"), ("%252e%252e", "%2e%2e")):
        record["s3"]["object"]["key"] = encoded
        (notice,) = notices(direct(record))
        assert isinstance(notice, Notice)
        assert notice.key == key


@pytest.mark.parametrize(
    "event",
    [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "modelry"},
        direct(s3(name="ObjectRemoved:Delete")),
        direct(s3(name="s3:ObjectAccessed:Get")),
        direct(s3(name="ObjectCreated")),
        {"detail-type": "Object Deleted", "detail": {}},
        {"detail-type": "Object Created", "detail": {"bucket": {}, "object": {}}},
        {"Type": "SubscriptionConfirmation", "Message": "x"},
        {},
        None,
        5,
        "text",
        [],
        direct(None),
        direct({"eventName": "ObjectCreated:Put", "s3": {}}),
        direct({"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": 5}}}),
        sqs({"body": "again"}),
        {"Records": [{"messageId": "m", "body": "not JSON"}]},
        {"Records": [{"messageId": "m", "body": "[" * 100_000}]},
        eventbridge("default/iris/1/\ud800"),
        pubsub(pubsub(cloud_storage())),
        {"message": {"data": "no base64"}},
        {"message": {"data": "/w=="}},
        {"kind": "storage#object", "bucket": 5, "name": "x"},
    ],
)
def test_what_tells_of_no_new_object_is_passed_over(event: Any) -> None:
    (found,) = notices(event)

    assert isinstance(found, Unreadable)
    assert found.reason


def test_a_message_within_a_message_keeps_the_id_the_queue_knows() -> None:
    (found,) = notices(sqs({"Records": [{"messageId": "inner", "body": json.dumps(direct(s3()))}]}))

    assert found.message_id == "m0"


@pytest.fixture
def world() -> World:
    """Version 1 of `iris` whose two files were sent, but not yet received."""
    made = World()
    made.registry.models.register(ADMIN, "default", "iris", {})
    files = {"a.bin": b"one", "b c+d.bin": b"two"}
    made.send(made.registered(files), files)
    return made


def handle(world: World, event: Any) -> dict[str, Any]:
    return receive_all(world.registry.receipts, "modelry", event, "request-1")


def state(world: World) -> str:
    return world.registry.versions.get(ADMIN, "default", "iris", ByNumber(1)).state


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_notifications_of_all_files_make_a_version_ready(
    world: World, shape: Callable[[str], Any]
) -> None:
    for path in ("b c+d.bin", "a.bin"):
        handle(world, shape(f"default/iris/1/{path}"))

    assert state(world) == "ready"


def test_duplicates_and_disorder_do_no_harm(world: World) -> None:
    other = "default/iris/1/b c+d.bin"
    event = direct(s3(other), s3(KEY), s3(other), s3(KEY), s3("default/iris/9/late"), s3(KEY))

    result = handle(world, event)

    assert result == {
        "outcomes": {"received": 1, "ready": 1, "ignored": 4},
        "batchItemFailures": [],
    }


def test_an_object_of_another_bucket_is_ignored(world: World) -> None:
    result = handle(world, direct(s3(bucket="other")))

    assert result["outcomes"] == {"ignored": 1}
    assert state(world) == "pending"


def test_what_a_notification_says_of_an_object_is_not_believed(world: World) -> None:
    world.blobs.remove(KEY)

    assert handle(world, direct(s3()))["outcomes"] == {"missing": 1}


@pytest.mark.parametrize(
    "key", ["default/iris/1/../1/a.bin", "default%2Firis/1/a.bin", "", "/", "////", "x" * 5_000]
)
def test_a_key_of_nobody_is_ignored(world: World, key: str) -> None:
    assert handle(world, direct(s3(key)))["outcomes"] == {"ignored": 1}


def test_one_bad_record_in_a_thousand_keeps_back_none(world: World) -> None:
    records: list[Any] = [s3(f"default/iris/2/{number}") for number in range(997)]
    event = direct(*records[:500], s3(), {"bad": 1}, *records[500:], s3("default/iris/1/b c+d.bin"))

    result = handle(world, event)

    assert result["outcomes"] == {"ignored": 998, "received": 1, "ready": 1}


class Sometimes:
    """Receipts that fail for some keys."""

    def __init__(self, world: World, bad: str) -> None:
        self.world = world
        self.bad = bad

    def receive(self, caller: Any, key: str) -> str:
        """Fails as while the database is away, for the bad key."""
        self.world.database.down = self.bad in key
        try:
            return self.world.registry.receipts.receive(caller, key)
        finally:
            self.world.database.down = False


def test_of_a_queue_only_the_messages_that_failed_come_again(world: World) -> None:
    receipts: Any = Sometimes(world, "a.bin")
    event = sqs(
        direct(s3(KEY)),
        direct(s3("default/iris/1/b c+d.bin")),
        direct(s3("default/iris/9/x"), s3(KEY), s3(KEY)),
    )

    result = receive_all(receipts, "modelry", event)

    assert result["batchItemFailures"] == [{"itemIdentifier": "m0"}, {"itemIdentifier": "m2"}]
    assert result["outcomes"] == {"failed": 3, "received": 1, "ignored": 1}
    assert handle(world, sqs(direct(s3(KEY))))["outcomes"] == {"ready": 1}


@pytest.mark.parametrize("shape", ["S3", "MinIO", "EventBridge", "S3 by SNS"])
def test_a_direct_notification_that_failed_is_raised_so_that_it_comes_again(
    world: World, shape: str
) -> None:
    world.blobs.down = True
    with pytest.raises(BatchFailed):
        handle(world, SHAPES[shape](KEY))
    world.blobs.down = False

    assert handle(world, SHAPES[shape](KEY))["outcomes"] == {"received": 1}


def test_a_direct_notification_is_handled_to_its_end_before_it_is_raised(world: World) -> None:
    receipts: Any = Sometimes(world, "a.bin")

    with pytest.raises(BatchFailed, match="1 notifications"):
        receive_all(receipts, "modelry", direct(s3(KEY), s3("default/iris/1/b c+d.bin")))

    assert handle(world, direct(s3(KEY)))["outcomes"] == {"ready": 1}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
NAMES = st.sampled_from(
    [
        "Records",
        "s3",
        "bucket",
        "name",
        "object",
        "key",
        "eventName",
        "Sns",
        "Message",
        "Type",
        "messageId",
        "body",
        "detail",
        "detail-type",
    ]
)
WORDS = st.sampled_from(["ObjectCreated:Put", "Object Created", "Notification", "modelry", KEY])
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=5)
        | inner.map(lambda value: json.dumps(value))
    ),
    max_leaves=15,
)
WORLD = World()


@given(JSON)
def test_no_event_whatever_it_holds_raises_anything_but_batch_failed(event: Any) -> None:
    try:
        result = handle(WORLD, event)
    except BatchFailed:
        return

    assert set(result) == {"outcomes", "batchItemFailures"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_key_survives_the_way_through_a_notification(key: str) -> None:
    (notice,) = notices(sqs(direct(s3(key))))

    assert isinstance(notice, Notice)
    assert notice.key == key
