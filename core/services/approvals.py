"""Use cases on requests for approval: ask for one, find them, let them end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.access import Action, Caller
from core.domain.approvals import DEFAULT_TTL, Approval, Comment
from core.domain.decisions import settled
from core.domain.events import event_id, last_event_id
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.records import restore
from core.domain.retention import Retention
from core.domain.subjects import approval_subject, event_of
from core.domain.versions import ByNumber
from core.errors import Conflict, Taken
from core.ports import Clock, Database, Stores
from core.services.claims import created_before, remember
from core.services.lookups import lifecycle_of, model_of, namespace_of, ready_version_of
from core.services.reviews import (
    Review,
    approval_of,
    judge_now,
    put_approval,
    review_of,
    roles_on,
    unknown_approval,
)

_BATCH = 100


@dataclass(frozen=True, slots=True)
class Approvals:
    """Requests to bring versions to stages."""

    database: Database
    clock: Clock

    def request(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        to_stage: str,
        rollback: bool = False,
        ttl: timedelta | None = None,
        comment: str = "",
        reason: str = "",
    ) -> Review:
        """Ask that the version may go to the stage, from where it is, or (`rollback`) back to it.

        A standing request for the same transition is returned as it is: there is one at a time.
        Raises `NotFound`, `Invalid` for a time to live that is none, and `Conflict` for a version
        that is not ready or a stage that no way leads to.
        """
        caller.require(Action.APPROVAL_REQUEST, namespace, model=model)
        at, by = self.clock.now(), caller.principal.name

        def work(stores: Stores) -> Review:
            if before := created_before(stores, caller, Approval, at):
                return review_of(stores, before)
            version = ready_version_of(stores, namespace, model, ByNumber(number))
            if version.retention is not Retention.ACTIVE:
                raise Conflict(
                    f"Version {number} of {model!r} is archived.", next_step="Restore it first."
                )
            source, target, today, needs = judge_now(
                stores, lifecycle_of(stores, namespace), version, to_stage, rollback
            )
            for each in stores.approvals.standing(namespace, model, number, target):
                if (each.from_stage, each.rollback) != (source, rollback):
                    continue
                if not each.is_due(at):
                    return Review(each, today, needs)
                put_approval(caller, stores, each, settled(each, at), "expired", at)
            approval = Approval(
                id=event_id(at),
                namespace=namespace,
                model=model,
                number=number,
                from_stage=source,
                to_stage=target,
                rollback=rollback,
                author=version.created_by,
                requested_by=by,
                requested_at=at,
                digest=today.digest,
                judged=today.parts,
                needs=needs,
                expires_at=at + (DEFAULT_TTL if ttl is None else ttl),
                comments=(Comment(by=by, text=comment, at=at),) if comment else (),
                updated_at=at,
                updated_by=by,
            )
            stores.approvals.insert(approval)
            stores.events.add(
                event_of(caller, "approval.requested", at=at, after=approval, reason=reason)
            )
            remember(stores, caller, approval, at)
            return Review(approval, today, needs, is_new=True)

        try:
            return self.database.transaction(work)
        except Taken:  # somebody was faster: theirs is found
            return self.database.transaction(work)

    def get(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        approval_id: str,
        *,
        as_of: datetime | None = None,
    ) -> Review:
        """The request as it is now, and what there is to judge today; or the request as it was at
        a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        now = self.clock.now()
        found = approval_of(self.database, namespace, model, approval_id)
        if as_of is None:
            return review_of(self.database, settled(found, now))
        check_moment(as_of, now)
        event = self.database.events.last(approval_subject(namespace, model, approval_id), at=as_of)
        if event is None or event.after is None:
            raise unknown_approval(model, approval_id)
        return Review(settled(restore(Approval, event.after), as_of))

    def of_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        request: PageRequest,
        *,
        as_of: datetime | None = None,
    ) -> Page[Approval]:
        """All requests for a version, newest first; or those that there were at a moment, as they
        were. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        query = ("approvals", namespace, model, str(number), str(as_of or ""))
        now, before = self.clock.now(), request.after(*query)
        check_moment(as_of, now)
        if as_of is not None and before is None:
            before = f"{last_event_id(as_of)}g"  # after every hex digit: that moment included
        rows = self.database.approvals.page(
            namespace, model, number, before=before, limit=request.size + 1
        )
        if not rows:
            model_of(self.database, namespace, model)
        then = rows if as_of is None else self._as_of(rows, as_of)
        current = [settled(each, as_of or now) for each in then]
        return request.page(current, lambda each: each.id, *query)

    def waiting(
        self, caller: Caller, namespace: str, request: PageRequest, *, everybody: bool = False
    ) -> Page[Approval]:
        """What waits for this caller's decision, oldest first; with `everybody` for anybody's.

        Raises `NotFound`.
        """
        caller.require(Action.NAMESPACE_SEE, namespace)
        query = ("waiting", namespace, str(everybody))
        after, now = request.after(*query), self.clock.now()
        found: list[Approval] = []
        limit = request.size + 1
        while len(found) < limit:
            rows = self.database.approvals.waiting(namespace, after=after, limit=limit)
            found += [
                each
                for each in rows
                if caller.may(Action.MODEL_READ, namespace, model=each.model)
                and not each.is_due(now)
                and (everybody or self._could_decide(caller, each))
            ]
            if len(rows) < limit:
                break
            after = rows[-1].id
        if not found:
            namespace_of(self.database, namespace)
        return request.page(found, lambda each: each.id, *query)

    def expire(self, caller: Caller, *, limit: int = _BATCH) -> int:
        """Close the requests whose time is over, and return how many. `sweep` calls this."""
        caller.require(Action.APPROVAL_EXPIRE)
        at = self.clock.now()
        due = self.database.approvals.due(at, limit)
        return sum(self._expire(caller, each, at) for each in due)

    def _expire(self, caller: Caller, approval: Approval, at: datetime) -> bool:
        def work(stores: Stores) -> bool:
            before = stores.approvals.get(approval.namespace, approval.id)
            after = None if before is None else settled(before, at)
            if before is None or after is None or after is before:
                return False
            put_approval(caller, stores, before, after, "expired", at)
            return True

        return self.database.transaction(work)

    def _as_of(self, rows: Sequence[Approval], at: datetime) -> list[Approval]:
        subjects = [approval_subject(each.namespace, each.model, each.id) for each in rows]
        events = self.database.events.last_of_each(subjects, at=at)
        found = [restore(Approval, event.after) for event in events if event.after is not None]
        return sorted(found, key=lambda each: each.id, reverse=True)

    def _could_decide(self, caller: Caller, approval: Approval) -> bool:
        by, place = caller.principal.name, (approval.namespace, approval.model)
        if approval.bars(by) or not caller.may(Action.APPROVAL_DECIDE, place[0], model=place[1]):
            return False
        if approval.needs and not approval.needs.keys() & set(roles_on(caller, *place)):
            return False
        if all(each.by != by for each in approval.decisions):
            return True
        today = review_of(self.database, approval).today  # what it was about may have changed
        return today is not None and all(each.by != by for each in approval.approving(today.digest))
