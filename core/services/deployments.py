"""Use cases on deployments: what should run where, and what does."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.deployments import (
    DEPLOYMENT_FIELDS,
    Deployment,
    DesiredState,
    moves,
    parse_desired_state,
)
from core.domain.events import SubjectKind
from core.domain.fields import bound
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.search import Tree
from core.domain.subjects import numbered_subject
from core.domain.versions import ByAlias, ModelVersion, parse_reference
from core.errors import NotFound, Taken
from core.ports import Clock, Database, Stores
from core.services.edits import authored, create, update
from core.services.lookups import (
    deployment_of,
    environment_of,
    model_of,
    unfinished_version_of,
    version_of,
)
from core.services.moments import entity_at, numbered_page_at


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment, and the version that it leads to at present; None if there is none."""

    deployment: Deployment
    version: ModelVersion | None

    @property
    def is_in_sync(self) -> bool:
        """Whether what answers is what should: this version alone, or none."""
        number = self.version.number if self.version else None
        if self.deployment.desired_state is DesiredState.UNDEPLOYED:
            return not self.deployment.traffic
        return number is not None and set(self.deployment.traffic) == {str(number)}


@dataclass(frozen=True, slots=True)
class Deployments:
    """Deploy, read, redirect and undeploy."""

    database: Database
    clock: Clock

    def create(
        self,
        caller: Caller,
        namespace: str,
        environment: str,
        model: str,
        described: Mapping[str, Any],
        *,
        name: str | None = None,
        follows: str = "latest",
        desired_state: str = DesiredState.DEPLOYED,
        runtime: str | None = None,
    ) -> Deployment:
        """Say that a version of the model, or whichever a reference leads to, should run in the
        environment, under a name that is free there (else a new UUID).

        Raises `NotFound`, `Taken`, `Invalid`, `Forbidden`, and `Conflict` for a version whose
        upload was given up.
        """
        caller.require(Action.DEPLOYMENT_CHANGE, namespace, model=model)
        at = self.clock.now()
        number = self.database.next_id("deployment")
        name = str(uuid.uuid4()) if name is None else name
        state = parse_desired_state(desired_state)
        parse_reference(follows)

        def build(stores: Stores) -> Deployment:
            place = environment_of(stores, namespace, environment)
            owner = model_of(stores, namespace, model)
            pinned = _pinned(stores, namespace, model, follows)
            if stores.deployments.named(namespace, place.id, name) is not None:
                raise Taken(
                    f"The environment {place.name!r} has a deployment {name!r} already.",
                    next_step="Change that one, or choose another name.",
                )
            return Deployment(
                id=number,
                namespace=namespace,
                environment_id=place.id,
                environment=place.name,
                name=name,
                model_id=owner.id,
                model=owner.name,
                follows=follows,
                pinned=pinned.number if pinned else None,
                pinned_id=pinned.id if pinned else None,
                desired_state=state,
                runtime=runtime,
                **authored(at, caller.principal.name),
                **described,
            )

        return create(
            self.database, caller, Deployment, build, lambda stores: stores.deployments, at
        )

    def get(
        self, caller: Caller, namespace: str, reference: str, *, as_of: datetime | None = None
    ) -> Deployment:
        """The deployment, or what it was at a moment: what should run then, and what did.

        Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.NAMESPACE_SEE, namespace)
        found = deployment_of(self.database, caller, namespace, reference)
        if as_of is None:
            return found
        check_moment(as_of, self.clock.now())
        subject = numbered_subject(SubjectKind.DEPLOYMENT, namespace, found.id)
        return entity_at(self.database, subject, found, as_of)

    def target(self, caller: Caller, namespace: str, reference: str) -> Target:
        """What a controller goes by: the version that the deployment leads to now.

        Raises `NotFound`.
        """
        caller.require(Action.NAMESPACE_SEE, namespace)
        found = deployment_of(self.database, caller, namespace, reference)
        try:
            named = parse_reference(found.follows if found.pinned is None else str(found.pinned))
            return Target(found, version_of(self.database, namespace, found.model, named))
        except NotFound:
            return Target(found, None)

    def page_at(
        self,
        caller: Caller,
        namespace: str,
        request: PageRequest,
        at: datetime,
        *,
        among: Tree | None = None,
    ) -> Page[Deployment]:
        """The deployments that there were at a moment, as they were then, oldest first; `among`
        those whose environment and model are as it says.

        Those of now are found by searching. Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.NAMESPACE_SEE, namespace)
        check_moment(at, self.clock.now())
        return numbered_page_at(
            self.database,
            self.database.deployments,
            namespace,
            None if among is None else bound(among, DEPLOYMENT_FIELDS),
            request,
            at,
            keep=lambda each: caller.may(Action.DEPLOYMENT_READ, namespace, model=each.model),
        )

    def update(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        reason: str = "",
    ) -> Deployment:
        """Merge-patch what describes it and what is wanted: `follows`, `desired_state`, `runtime`.

        Raises `NotFound`, `Stale`, `Invalid`, `Taken`, `Forbidden`, and `Conflict` for a version
        whose upload was given up.
        """
        caller.require(Action.NAMESPACE_SEE, namespace)
        if "desired_state" in patch:
            patch = {**patch, "desired_state": parse_desired_state(patch["desired_state"])}

        def find(stores: Stores) -> Deployment:
            found = deployment_of(stores, caller, namespace, reference)
            caller.require(Action.DEPLOYMENT_CHANGE, namespace, model=found.model)
            return found

        def settle(stores: Stores, after: Deployment) -> Deployment:
            if "follows" not in patch:
                return after
            pinned = _pinned(stores, namespace, after.model, after.follows)
            number, id = (pinned.number, pinned.id) if pinned else (None, None)
            return replace(after, pinned=number, pinned_id=id)

        return update(
            self.database,
            caller,
            find,
            lambda stores: stores.deployments,
            patch,
            at=self.clock.now(),
            expected_revision=expected_revision,
            reason=reason,
            settle=settle,
        )


def _pinned(stores: Stores, namespace: str, model: str, follows: str) -> ModelVersion | None:
    """The version that is followed for ever. An alias must be there at least."""
    reference = parse_reference(follows)
    if not moves(reference):
        return unfinished_version_of(stores, namespace, model, reference)
    if isinstance(reference, ByAlias):
        version_of(stores, namespace, model, reference)
    return None
