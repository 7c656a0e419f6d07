"""Use cases on schemas: the rules that a namespace has for its versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.documents import is_same
from core.domain.events import SubjectKind
from core.domain.moments import check_moment, shown
from core.domain.pages import Page, PageRequest
from core.domain.records import restore
from core.domain.schemas import Schema, check_schema, check_schema_name
from core.domain.subjects import event_of, schema_subject
from core.errors import NotFound
from core.ports import Clock, Database, Stores
from core.services.conformity import check_is_schema
from core.services.lookups import namespace_of


@dataclass(frozen=True, slots=True)
class Schemas:
    """Set, read and remove the schemas that versions must satisfy when they are registered."""

    database: Database
    clock: Clock

    def page(
        self, caller: Caller, namespace: str, request: PageRequest, *, as_of: datetime | None = None
    ) -> Page[Schema]:
        """The schemas of a namespace, by model type, now or at a moment. Raises `NotFound`,
        `Invalid`."""
        caller.require(Action.NAMESPACE_READ, namespace)
        query = ("schemas", namespace, str(as_of or ""))
        after, limit = request.after(*query), request.size + 1
        rows: Sequence[Schema]
        if as_of is None:
            rows = self.database.schemas.page(namespace, after=after, limit=limit)
        else:
            check_moment(as_of, self.clock.now())
            rows = self._then(namespace, as_of, after, limit)
        if not rows:
            namespace_of(self.database, namespace)
        return request.page(rows, lambda schema: schema.model_type, *query)

    def _then(self, namespace: str, at: datetime, after: str | None, limit: int) -> list[Schema]:
        start = None if after is None else schema_subject(namespace, after).name
        events = self.database.events.last_in(
            namespace, SubjectKind.SCHEMA, at=at, after=start, limit=limit
        )
        return [restore(Schema, event.after) for event in events if event.after is not None]

    def get(
        self, caller: Caller, namespace: str, model_type: str, *, as_of: datetime | None = None
    ) -> Schema:
        """The schema of one model type, or of `*`, all of them, now or at a moment. Raises
        `NotFound`, `Invalid`."""
        caller.require(Action.NAMESPACE_READ, namespace)
        if as_of is None:
            return _schema_of(self.database, namespace, model_type)
        check_moment(as_of, self.clock.now())
        event = self.database.events.last(schema_subject(namespace, model_type), at=as_of)
        if event is None or event.after is None:
            namespace_of(self.database, namespace)
            raise NotFound(
                f"The namespace {namespace!r} had no schema for the model type"
                f" {model_type[:200]!a} at {shown(as_of)}.",
                next_step="List its schemas as of that time.",
            )
        return restore(Schema, event.after)

    def put(
        self,
        caller: Caller,
        namespace: str,
        model_type: str,
        document: Mapping[str, Any],
        *,
        reason: str = "",
    ) -> Schema:
        """Set the schema; versions that are there already are not looked at.

        Raises `NotFound`, `Forbidden`, `TooLarge`, and `Invalid` naming what is wrong with it.
        """
        caller.require(Action.SCHEMA_CHANGE, namespace)
        check_schema_name(model_type)
        check_is_schema(check_schema(document))
        by = caller.principal.name

        def work(stores: Stores) -> Schema:
            namespace_of(stores, namespace)
            before = stores.schemas.get(namespace, model_type)
            if before is not None and is_same(before.document, document):
                return before
            at, revision = _next(stores, self.clock, namespace, model_type)
            schema = Schema(
                namespace=namespace,
                model_type=model_type,
                document=document,
                created_at=at if before is None else before.created_at,
                created_by=by if before is None else before.created_by,
                updated_at=at,
                updated_by=by,
                revision=revision,
            )
            stores.schemas.put(schema)
            stores.events.add(
                event_of(
                    caller, "schema.changed", at=at, before=before, after=schema, reason=reason
                )
            )
            return schema

        return self.database.transaction(work)

    def remove(self, caller: Caller, namespace: str, model_type: str, *, reason: str = "") -> None:
        """Take the schema away. Raises `NotFound`, `Forbidden`."""
        caller.require(Action.SCHEMA_CHANGE, namespace)

        def work(stores: Stores) -> None:
            before = _schema_of(stores, namespace, model_type)
            at, revision = _next(stores, self.clock, namespace, model_type)
            stores.schemas.remove(namespace, model_type)
            stores.events.add(
                event_of(
                    caller,
                    "schema.removed",
                    at=at,
                    before=before,
                    reason=reason,
                    revision=revision,
                )
            )

        self.database.transaction(work)


def _schema_of(stores: Stores, namespace: str, model_type: str) -> Schema:
    schema = stores.schemas.get(namespace, model_type)
    if schema is None:
        namespace_of(stores, namespace)
        raise NotFound(
            f"The namespace {namespace!r} has no schema for the model type {model_type[:200]!a}.",
            next_step="List its schemas to see which there are.",
        )
    return schema


def _next(stores: Stores, clock: Clock, namespace: str, model_type: str) -> tuple[datetime, int]:
    """Time and revision of the next event; a schema that was removed is not there to count."""
    last = stores.events.last(schema_subject(namespace, model_type))
    if last is None:
        return clock.now(), 1
    return max(clock.now(), last.at), last.revision + 1
