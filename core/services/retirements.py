"""Use cases at the end of a version's life: deprecate it, and take that back."""

import re
from dataclasses import dataclass
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.common import check_revision, moved_on
from core.domain.deprecations import Deprecation, Successor
from core.domain.retirement import retiring
from core.domain.subjects import event_of
from core.domain.versions import ByNumber, ModelVersion, VersionState, parse_reference
from core.errors import Conflict, Invalid
from core.ports import Clock, Database, Stores
from core.services.lookups import lifecycle_of, ready_version_of, version_of

_OF_MODEL = re.compile(r"(?P<model>[^/:@]+)(?:(?P<mark>[:@])(?P<version>.+))?")


@dataclass(frozen=True, slots=True)
class Retirements:
    """Say of a version that it should not be used any more."""

    database: Database
    clock: Clock

    def deprecate(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        since: datetime | None = None,
        sunset: datetime | None = None,
        successor: str | None = None,
        note: str = "",
        expected_revision: int | None = None,
        reason: str = "",
    ) -> ModelVersion:
        """From `since` on (now by default) pulls of it warn, and name the successor.

        `successor` is a version of the same model (`4`, `@champion`) or of another one of the
        namespace (`churn-2@champion`), and has to be there. Repeated it replaces what was said.
        Raises `NotFound`, `Invalid`, `Stale`, and `Conflict` for a version that is not ready.
        """
        caller.require(Action.VERSION_DEPRECATE, namespace, model=model)
        at = self.clock.now()
        named = None if successor is None else _successor(successor, model)

        def work(stores: Stores) -> ModelVersion:
            before = version_of(stores, namespace, model, ByNumber(number))
            check_revision(f"Version {number} of {model!r}", before, expected_revision)
            _check_is_ready(before)
            if named is not None:
                _check_succeeds(stores, before, named)
            known = before.deprecation
            begin = since or (known.since if known else at)
            after = Deprecation(since=begin, sunset=sunset, successor=named, note=note)
            return self._put(caller, stores, before, after, "deprecated", at, reason)

        return self.database.transaction(work)

    def undeprecate(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> ModelVersion:
        """Take the deprecation back; nothing happens if there is none. Raises `NotFound`,
        `Stale`."""
        caller.require(Action.VERSION_DEPRECATE, namespace, model=model)
        at = self.clock.now()

        def work(stores: Stores) -> ModelVersion:
            before = version_of(stores, namespace, model, ByNumber(number))
            check_revision(f"Version {number} of {model!r}", before, expected_revision)
            return self._put(caller, stores, before, None, "undeprecated", at, reason)

        return self.database.transaction(work)

    def stage_for(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        to_stage: str | None = None,
    ) -> str:
        """The stage that retires the version: the one named, or the only one it can go to.

        Raises `NotFound`, and `Conflict` for a stage that is not retired, or if it is not clear.
        """
        caller.require(Action.MODEL_READ, namespace, model=model)
        version = version_of(self.database, namespace, model, ByNumber(number))
        return retiring(lifecycle_of(self.database, namespace), version, to_stage).name

    def _put(
        self,
        caller: Caller,
        stores: Stores,
        before: ModelVersion,
        deprecation: Deprecation | None,
        verb: str,
        at: datetime,
        reason: str,
    ) -> ModelVersion:
        if before.deprecation == deprecation:
            return before
        after = moved_on(before, at=at, by=caller.principal.name, deprecation=deprecation)
        stores.versions.replace(after)
        stores.events.add(
            event_of(caller, f"version.{verb}", at=at, before=before, after=after, reason=reason)
        )
        return after


def _successor(text: str, model: str) -> Successor:
    """Read a version of the same model, or `MODEL`, `MODEL:4`, `MODEL@champion`."""
    try:
        parse_reference(text)
        return Successor(model=model, version=text)
    except Invalid:
        found = _OF_MODEL.fullmatch(text)
        if found is None:
            raise
    version = found["version"] or "latest"
    if found["mark"] == "@" and not version.startswith(("sha256:", "fingerprint:")):
        version = f"@{version}"
    parse_reference(version)
    return Successor(model=found["model"], version=version)


def _check_is_ready(version: ModelVersion) -> None:
    if version.state is not VersionState.READY:
        raise Conflict(
            f"Version {version.number} of {version.model!r} is {version.state}: nobody uses it"
            " yet, so it cannot be deprecated.",
            next_step="Give its upload up instead, if it is not wanted.",
        )


def _check_succeeds(stores: Stores, version: ModelVersion, successor: Successor) -> None:
    reference = parse_reference(successor.version)
    found = ready_version_of(stores, version.namespace, successor.model, reference)
    if found.id == version.id:
        raise Conflict(
            f"{successor} is version {version.number} of {version.model!r} itself: it cannot"
            " succeed itself.",
            next_step="Name another version, or move the alias first.",
        )
