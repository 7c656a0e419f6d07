"""Use cases on the policies of a namespace: how long what is deleted is kept, which rules apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import check_revision, moved_on
from core.domain.compliance import chosen
from core.domain.moments import check_moment
from core.domain.namespaces import Namespace
from core.domain.retention_rules import RetentionRules, check_rules
from core.domain.subjects import event_of
from core.ports import Clock, Database, Stores
from core.services.lookups import namespace_of
from core.services.moments import namespace_at


@dataclass(frozen=True, slots=True)
class Policies:
    """Policies are part of their namespace: they have its revision and its history."""

    database: Database
    clock: Clock

    def get(self, caller: Caller, namespace: str, *, as_of: datetime | None = None) -> Namespace:
        """The namespace with its policies, now or at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.NAMESPACE_READ, namespace)
        if as_of is not None:
            check_moment(as_of, self.clock.now())
            return namespace_at(self.database, namespace, as_of)
        return namespace_of(self.database, namespace)

    def set_retention(
        self,
        caller: Caller,
        namespace: str,
        rules: RetentionRules,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> Namespace:
        """Set how long what is deleted is kept. What was deleted before is purged no sooner than
        it was promised then, and later if the new rules say so.

        Raises `NotFound`, `Stale`, `Invalid`, `Forbidden`.
        """
        caller.require(Action.POLICY_CHANGE, namespace)
        changes = {"retention": check_rules(rules)}
        return self._set(caller, namespace, "retention-changed", changes, expected_revision, reason)

    def set_rule_sets(
        self,
        caller: Caller,
        namespace: str,
        ids: Sequence[str] | None,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> Namespace:
        """Choose the rule sets that versions are held against; None for all that there are.

        Raises `NotFound`, `Stale`, `Forbidden`, and `Invalid` for one that is not there.
        """
        caller.require(Action.POLICY_CHANGE, namespace)
        from core.domain.rule_sets import RULE_SETS  # some hundred objects that few requests need

        found = None if ids is None else tuple(each.id for each in chosen(RULE_SETS, ids))
        changes = {"rule_sets": found}
        return self._set(caller, namespace, "rule-sets-changed", changes, expected_revision, reason)

    def _set(
        self,
        caller: Caller,
        namespace: str,
        verb: str,
        changes: dict[str, Any],
        expected_revision: int | None,
        reason: str,
    ) -> Namespace:
        at = self.clock.now()

        def work(stores: Stores) -> Namespace:
            before = namespace_of(stores, namespace)
            check_revision(f"The namespace {namespace!r}", before, expected_revision)
            if all(getattr(before, name) == value for name, value in changes.items()):
                return before
            after = moved_on(before, at=at, by=caller.principal.name, **changes)
            stores.namespaces.replace(after)
            stores.events.add(
                event_of(
                    caller,
                    f"namespace.{verb}",
                    at=at,
                    before=before,
                    after=after,
                    reason=reason,
                )
            )
            return after

        return self.database.transaction(work)
