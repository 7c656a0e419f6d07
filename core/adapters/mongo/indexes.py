"""Every index, as data; a query that none of them covers is a fault (and fails a test)."""

from typing import Any

from bson import CodecOptions
from pymongo import IndexModel
from pymongo.database import Database

from core.adapters.mongo.counters import COUNTED, ensure_counter

UNIQUE: dict[str, list[tuple[str, ...]]] = {
    "models": [("namespace", "name_key")],
    "versions": [("namespace", "model", "number"), ("key_prefix",)],
    "files": [("version_id", "path")],
    "grants": [("scope", "grantee")],
    "schemas": [("namespace", "model_type")],
    "publishers": [("namespace", "name")],
    "approvals": [("slot",)],
    "events": [("namespace", "id")],
    "evaluations": [
        ("namespace", "model", "number", "id"),
        ("namespace", "model", "number", "digest"),
    ],
    "accesses": [("namespace", "id")],
    "checkpoints": [("number",)],
    "environments": [("namespace", "name")],
    "deployments": [("environment_id", "name")],
    "serve_records": [("deployment_id", "name")],
    "experiments": [("namespace", "name")],
    "metric_points": [("series", "place")],
    "metric_summaries": [("series", "place")],
    "stored_objects": [("place",)],
}
"""Fields that are in every document of the collection, and together in only one."""

UNIQUE_IF_THERE: dict[str, list[str]] = {
    "access_tokens": ["slot_key"],
    "models": ["external_key"],
    "versions": ["external_key", "called_key"],
    "artifacts": ["external_key", "called_key"],
    "environments": ["external_key"],
    "deployments": ["external_key"],
    "serve_records": ["external_key"],
    "experiments": ["external_key"],
    "runs": ["external_key", "called_key"],
    "logged_models": ["external_key"],
}
"""Derived fields that a document may lack, and of which no two documents have the same."""

PLAIN: dict[str, list[tuple[str, ...]]] = {
    "namespaces": [("listed", "name")],
    "webhooks": [("namespace", "id")],
    "deliveries": [("webhook_id", "event_id"), ("webhook_id", "state", "event_id")],
    "cursors": [("active", "due_at")],
    "versions": [
        ("namespace", "model", "readable", "number"),
        ("namespace", "model", "listed", "number"),
        ("namespace", "model", "readable", "aliases", "number"),
        ("namespace", "model", "listed", "state", "number"),
        ("namespace", "model", "readable", "state", "stage", "number"),
        ("namespace", "stage", "id"),
        ("namespace", "model", "readable", "state", "digest", "number"),
        ("namespace", "model", "readable", "state", "fingerprint", "number"),
        ("namespace", "model", "readable", "state", "fingerprint", "digest", "number"),
        ("namespace", "model", "semver_key"),
        ("namespace", "model", "readable", "semver_key"),
        ("namespace", "model", "listed", "release_key"),
        ("expires", "upload_expires_at"),
        ("terms", "_id"),
        ("purges", "purge_at"),
    ],
    "models": [
        ("namespace", "listed", "name_key"),
        ("namespace", "readable", "name_key"),
        ("namespace", "key_root"),
        ("purges", "purge_at"),
        ("terms", "_id"),
    ],
    "artifacts": [
        ("terms", "_id"),
        ("namespace", "model", "number"),
        ("version_id",),
        ("experiment_id", "run_id"),
        ("readable", "stored_at"),
    ],
    "files": [("version_id", "state", "path"), ("namespace", "state", "sha256")],
    "grants": [("grantee",), ("namespace", "_id")],
    "publishers": [("anchor", "_id")],
    "service_accounts": [("namespace", "state", "name")],
    "access_tokens": [("owner", "id")],
    "approvals": [
        ("namespace", "model", "number", "to_stage", "standing", "id"),
        ("namespace", "model", "number", "id"),
        ("namespace", "standing", "id"),
        ("standing", "expires_at"),
    ],
    "events": [("namespace", "kind", "subject", "id"), ("id",)],
    "accesses": [("id",)],
    "batches": [("last", "first")],
    "evaluations": [
        ("namespace", "model", "id"),
        ("namespace", "model", "dataset_name", "id"),
        ("namespace", "model", "standing", "number", "dataset_name"),
    ],
    "environments": [("terms", "_id")],
    "deployments": [("terms", "_id"), ("namespace", "model", "holds", "_id")],
    "serve_records": [("deployment_id", "_id")],
    "experiments": [("terms", "_id"), ("purges", "purge_at")],
    "runs": [("terms", "_id"), ("experiment_id", "name", "_id"), ("purges", "purge_at")],
    "logged_models": [("terms", "_id"), ("experiment_id",), ("purges", "purge_at")],
}

EXPIRING: dict[str, str] = {
    "claims": "expires_at",
    "deliveries": "expires_at",
    "tallies": "expires_at",
}
"""The time at which the database removes a document of the collection, within a minute or so."""


def create_indexes(database: Database[dict[str, Any]]) -> None:
    """Create what is lacking, the counters among it. Idempotent; takes a moment on large data."""
    database = database.with_options(codec_options=CodecOptions())
    for name in sorted(UNIQUE.keys() | PLAIN.keys()):
        indexes = [_index(fields, unique=True) for fields in UNIQUE.get(name, [])]
        indexes += [_index(fields, unique=False) for fields in PLAIN.get(name, [])]
        indexes += [
            IndexModel([(field, 1)], unique=True, sparse=True)
            for field in UNIQUE_IF_THERE.get(name, [])
        ]
        database[name].create_indexes(indexes)
    # Grants of before there were any on single models lack what they are listed by.
    database["grants"].update_many(
        {"namespace": {"$exists": False}}, [{"$set": {"namespace": "$scope"}}]
    )
    for name, field in EXPIRING.items():
        database[name].create_index(field, expireAfterSeconds=0)
    for noun in COUNTED:
        ensure_counter(database["counters"], noun)


def _index(fields: tuple[str, ...], *, unique: bool) -> IndexModel:
    return IndexModel([(field, 1) for field in fields], unique=unique)
