"""Decimal ids, each given out once."""

from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

COUNTED = (
    "model",
    "version",
    "artifact",
    "environment",
    "deployment",
    "serve-record",
    "experiment",
    "run",
    "logged-model",
)


def next_number(counters: Collection[dict[str, Any]], noun: str, count: int = 1) -> int:
    """The next number of the noun, from 1, and the first of `count` in a row. One command, if the
    counter is there."""
    while True:
        # Never an upsert: under a race some servers count the first one and return nothing.
        counter = counters.find_one_and_update(
            {"_id": noun}, {"$inc": {"last": count}}, return_document=ReturnDocument.AFTER
        )
        if counter is not None:
            return int(counter["last"]) - count + 1
        ensure_counter(counters, noun)


def ensure_counter(counters: Collection[dict[str, Any]], noun: str) -> None:
    """Create the noun's counter if it is lacking."""
    try:
        counters.insert_one({"_id": noun, "last": 0})
    except DuplicateKeyError:
        return
