"""Use cases on registered models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import check_revision, patched
from core.domain.events import SubjectKind, change
from core.domain.models import RegisteredModel
from core.domain.pages import Page, PageRequest
from core.ports import Clock, Database, Stores
from core.services.claims import created_before, remember
from core.services.lookups import model_of, namespace_of


@dataclass(frozen=True, slots=True)
class Models:
    """Register, read and describe models."""

    database: Database
    clock: Clock

    def register(
        self, caller: Caller, namespace: str, name: str, described: Mapping[str, Any]
    ) -> RegisteredModel:
        """Register a model under a name that is free in the namespace.

        `described` holds the fields every object has. Raises `Taken`, `Invalid`, `NotFound`.
        """
        caller.require(Action.MODEL_REGISTER, namespace)
        at, by = self.clock.now(), caller.principal.name
        model = RegisteredModel(
            id=self.database.next_id("model"),
            namespace=namespace,
            name=name,
            created_at=at,
            created_by=by,
            updated_at=at,
            updated_by=by,
            **described,
        )

        def work(stores: Stores) -> RegisteredModel:
            if before := created_before(stores, caller, RegisteredModel, at):
                return before
            namespace_of(stores, namespace)
            stores.models.insert(model)
            stores.events.add(
                change(
                    caller,
                    "model.registered",
                    SubjectKind.MODEL,
                    f"{namespace}/{name}",
                    at=at,
                    namespace=namespace,
                    after=model,
                )
            )
            remember(stores, caller, model, at)
            return model

        return self.database.transaction(work)

    def get(self, caller: Caller, namespace: str, name: str) -> RegisteredModel:
        """Raises `NotFound`."""
        caller.require(Action.MODEL_READ, namespace)
        return model_of(self.database, namespace, name)

    def page(self, caller: Caller, namespace: str, request: PageRequest) -> Page[RegisteredModel]:
        """The models of a namespace, by name."""
        caller.require(Action.MODEL_READ, namespace)
        query = ("models", namespace)
        after = request.after(*query)
        rows = self.database.models.page(namespace, after=after, limit=request.size + 1)
        if not rows and after is None:
            namespace_of(self.database, namespace)
        return request.page(rows, lambda model: model.name, *query)

    def update(
        self,
        caller: Caller,
        namespace: str,
        name: str,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        reason: str = "",
    ) -> RegisteredModel:
        """Merge-patch what describes it. Raises `NotFound`, `Stale`, `Invalid`, `Forbidden`."""
        caller.require(Action.MODEL_UPDATE, namespace)
        at = self.clock.now()

        def work(stores: Stores) -> RegisteredModel:
            before = model_of(stores, namespace, name)
            check_revision(f"The model {name!r}", before, expected_revision)
            after = patched(before, patch, at=at, by=caller.principal.name)
            if after is not before:
                stores.models.replace(after)
                stores.events.add(
                    change(
                        caller,
                        "model.updated",
                        SubjectKind.MODEL,
                        f"{namespace}/{name}",
                        at=at,
                        namespace=namespace,
                        before=before,
                        after=after,
                        reason=reason,
                    )
                )
            return after

        return self.database.transaction(work)
