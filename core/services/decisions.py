"""Use cases of deciding on requests for approval: comment, approve, reject, withdraw."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.approvals import Approval, Verdict
from core.domain.decisions import check_standing, commented, decided, settled, withdrawn
from core.errors import Conflict
from core.ports import Clock, Database, Stores
from core.services.reviews import Review, approval_of, put_approval, review_of, roles_on


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people say and decide about requests."""

    database: Database
    clock: Clock

    def comment(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        approval_id: str,
        text: str,
        *,
        reason: str = "",
    ) -> Review:
        """Say something about it, even after it was closed. Raises `NotFound`, `Invalid`."""
        caller.require(Action.APPROVAL_COMMENT, namespace, model=model)
        by, at = caller.principal.name, self.clock.now()
        return self._change(
            caller,
            (namespace, model, approval_id),
            lambda stores, it: (review_of(stores, commented(it, text, by=by, at=at)), "commented"),
            at,
            reason,
        )

    def decide(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        approval_id: str,
        verdict: Verdict,
        *,
        digest: str,
        comment: str = "",
        reason: str = "",
    ) -> Review:
        """Approve or reject what has the digest, which must be what there is to judge today.

        Raises `NotFound`; `Forbidden` for who asked for it, who registered the version, and who
        has no role that is needed; `Stale` naming what changed if the digest is not today's; and
        `Conflict` for a request that is closed, whose time is over, or that the caller approved
        before, and for a version that is in another stage by now.
        """
        caller.require(Action.APPROVAL_DECIDE, namespace, model=model)
        at = self.clock.now()

        def step(stores: Stores, before: Approval) -> tuple[Review, str]:
            check_standing(before, at)
            review = review_of(stores, before)
            if review.today is None:
                raise Conflict(
                    f"The {before.what} is about a way that is not there any more: {review.lapse}",
                    next_step="Withdraw it, and ask anew.",
                )
            after = decided(
                before,
                verdict,
                seen=digest,
                today=review.today,
                needs=review.needs,
                roles=roles_on(caller, namespace, model),
                by=caller.principal.name,
                at=at,
                comment=comment,
            )
            if verdict is Verdict.REJECT:
                return Review(after), "rejected"
            return replace(review, approval=after), "approved"

        return self._change(caller, (namespace, model, approval_id), step, at, reason, stands=True)

    def withdraw(
        self, caller: Caller, namespace: str, model: str, approval_id: str, *, reason: str = ""
    ) -> Review:
        """Take it back: whoever asked for it, or an owner.

        Raises `NotFound`, `Forbidden`, and `Conflict` if it is closed already.
        """
        caller.require(Action.MODEL_READ, namespace, model=model)
        by, at = caller.principal.name, self.clock.now()

        def step(stores: Stores, before: Approval) -> tuple[Review, str]:
            is_own = by == before.requested_by
            action = Action.APPROVAL_REQUEST if is_own else Action.APPROVAL_WITHDRAW
            caller.require(action, namespace, model=model)
            return Review(withdrawn(before, by=by, at=at)), "withdrawn"

        return self._change(caller, (namespace, model, approval_id), step, at, reason, stands=True)

    def _change(
        self,
        caller: Caller,
        place: tuple[str, str, str],
        step: Callable[[Stores, Approval], tuple[Review, str]],
        at: datetime,
        reason: str,
        *,
        stands: bool = False,
    ) -> Review:
        """One step of a request. If its time is over, that is stored; a step that needs it to
        stand is then refused."""

        def work(stores: Stores) -> Review:
            before = approval_of(stores, *place)
            current = settled(before, at)
            if current is not before:
                put_approval(caller, stores, before, current, "expired", at)
            if current is not before and stands:
                return Review(current)
            review, verb = step(stores, current)
            put_approval(caller, stores, current, review.approval, verb, at, reason)
            return review

        done = self.database.transaction(work)
        if stands and done.has_expired:
            check_standing(done.approval, at)
        return done
