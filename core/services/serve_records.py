"""Use cases on serve records: noting what was seen of a deployment, and reading it back."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import check_size
from core.domain.deployments import check_endpoint, observed
from core.domain.pages import Page, PageRequest
from core.domain.serve_records import ServeRecord, ServeState
from core.domain.versions import ByNumber
from core.errors import Invalid, Taken
from core.ports import Clock, Database, Stores
from core.services.claims import created_before, remember
from core.services.edits import authored, put
from core.services.lookups import deployment_of, version_of


@dataclass(frozen=True, slots=True)
class ServeRecords:
    """Note and read what was seen of deployments."""

    database: Database
    clock: Clock

    def record(
        self,
        caller: Caller,
        namespace: str,
        deployment: str,
        number: int,
        described: Mapping[str, Any],
        *,
        name: str | None = None,
        state: str = ServeState.UNKNOWN,
        traffic: Mapping[str, int] | None = None,
        endpoint: str | None = None,
        message: str = "",
    ) -> ServeRecord:
        """Note that this version of the deployment's model was seen in this state.

        The deployment then says so too. Raises `NotFound`, `Invalid`, `Taken`, `Forbidden`.
        """
        caller.require(Action.NAMESPACE_SEE, namespace)
        check_endpoint(endpoint)
        if state not in list(ServeState):
            raise Invalid(
                f"{str(state)[:60]!a} is no state of serving.",
                next_step=f"Choose one of: {', '.join(ServeState)}.",
            )
        at, record_id = self.clock.now(), self.database.next_id("serve-record")
        name = str(uuid.uuid4()) if name is None else name

        def work(stores: Stores) -> ServeRecord:
            if before := created_before(stores, caller, ServeRecord, at):
                return before
            found = deployment_of(stores, caller, namespace, deployment)
            caller.require(Action.DEPLOYMENT_OBSERVE, namespace, model=found.model)
            version = version_of(stores, namespace, found.model, ByNumber(number))
            if stores.serve_records.named(namespace, found.id, name) is not None:
                raise Taken(
                    f"The deployment {found.name!r} has a serve record {name!r} already.",
                    next_step="Records never change: note another one, under another name.",
                )
            record = ServeRecord(
                id=record_id,
                namespace=namespace,
                deployment_id=found.id,
                name=name,
                model=found.model,
                number=number,
                version_id=version.id,
                state=ServeState(state),
                traffic=traffic or {},
                endpoint=endpoint,
                message=message,
                **authored(max(at, found.updated_at), caller.principal.name),
                **described,
            )
            check_size("What describes it", record)
            for other in record.traffic:
                version_of(stores, namespace, found.model, ByNumber(int(other)))
            stores.serve_records.insert(record)
            after = observed(found, record, at=at, by=caller.principal.name)
            put(stores, caller, stores.deployments, found, after, "observed")
            remember(stores, caller, record, at)
            return record

        return self.database.transaction(work)

    def page(
        self,
        caller: Caller,
        namespace: str,
        deployment: str,
        request: PageRequest,
        *,
        oldest_first: bool = False,
    ) -> Page[ServeRecord]:
        """The serve records of a deployment, newest first unless said otherwise. Raises
        `NotFound`."""
        caller.require(Action.NAMESPACE_SEE, namespace)
        found = deployment_of(self.database, caller, namespace, deployment)
        query = ("serve-records", namespace, str(found.id), str(oldest_first))
        last, limit = request.after_number(*query), request.size + 1
        store = self.database.serve_records
        if oldest_first:
            rows = store.rising(found.id, after=last, limit=limit)
        else:
            rows = store.page(found.id, before=last, limit=limit)
        return request.page(rows, lambda record: record.id, *query)
