"""Use cases on environments: the places where versions are deployed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.environments import Environment
from core.domain.events import SubjectKind
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.subjects import numbered_subject
from core.errors import Taken
from core.ports import Clock, Database, Stores
from core.services.edits import authored, create, update
from core.services.lookups import environment_of, namespace_of
from core.services.moments import entity_at, numbered_page_at


@dataclass(frozen=True, slots=True)
class Environments:
    """Create, read and describe environments. They are named by id or by name."""

    database: Database
    clock: Clock

    def create(
        self,
        caller: Caller,
        namespace: str,
        name: str,
        described: Mapping[str, Any],
        *,
        kind: str = "other",
    ) -> Environment:
        """Create one under a name that is free in the namespace.

        Raises `Taken`, `Invalid`, `NotFound`, `Forbidden`.
        """
        caller.require(Action.ENVIRONMENT_CHANGE, namespace)
        at = self.clock.now()
        environment = Environment(
            id=self.database.next_id("environment"),
            namespace=namespace,
            name=name,
            kind=kind,
            **authored(at, caller.principal.name),
            **described,
        )

        def build(stores: Stores) -> Environment:
            namespace_of(stores, namespace)
            if stores.environments.named(namespace, name) is not None:
                raise Taken(
                    f"There is an environment {name!r} in the namespace {namespace!r} already.",
                    next_step="Use it, or choose another name.",
                )
            return environment

        return create(
            self.database, caller, Environment, build, lambda stores: stores.environments, at
        )

    def get(
        self, caller: Caller, namespace: str, reference: str, *, as_of: datetime | None = None
    ) -> Environment:
        """The environment, or what it was at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.ENVIRONMENT_READ, namespace)
        found = environment_of(self.database, namespace, reference)
        if as_of is None:
            return found
        check_moment(as_of, self.clock.now())
        subject = numbered_subject(SubjectKind.ENVIRONMENT, namespace, found.id)
        return entity_at(self.database, subject, found, as_of)

    def page_at(
        self, caller: Caller, namespace: str, request: PageRequest, at: datetime
    ) -> Page[Environment]:
        """The environments that there were at a moment, as they were then, oldest first.

        Those of now are found by searching. Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.ENVIRONMENT_READ, namespace)
        check_moment(at, self.clock.now())
        store = self.database.environments
        return numbered_page_at(self.database, store, namespace, None, request, at)

    def update(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        reason: str = "",
    ) -> Environment:
        """Merge-patch what describes it, and its kind. Raises `NotFound`, `Stale`, `Invalid`,
        `Taken`, `Forbidden`."""
        caller.require(Action.ENVIRONMENT_CHANGE, namespace)
        return update(
            self.database,
            caller,
            lambda stores: environment_of(stores, namespace, reference),
            lambda stores: stores.environments,
            patch,
            at=self.clock.now(),
            expected_revision=expected_revision,
            reason=reason,
        )
