"""Operations on requests for approval: ask that a version may go to a stage, and decide."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from modelry.errors import Conflict, NotFound
from modelry.moments import moment
from modelry.records import Record
from modelry.references import Reference
from modelry.session import Session, given

STANDING = frozenset({"open", "approved"})


@dataclass(frozen=True, repr=False)
class Approval(Record):
    """A request to bring a version to the stage `to`, and what was decided.

    `today` says what there is to judge: its `digest`, what `changed` of it since the request,
    who `approved_by` now just this, and how many approvals are `missing`, by role. Lists leave it
    out.
    """

    id: str = ""
    namespace: str = ""
    model: str = ""
    number: int = 0
    to: str = ""
    rollback: bool = False
    state: str = ""
    author: str = ""
    requested_by: str = ""
    requested_at: datetime | None = None
    digest: str = ""
    needs: Mapping[str, int] = field(default_factory=dict)
    expires_at: datetime | None = None
    decisions: Sequence[Mapping[str, Any]] = ()
    comments: Sequence[Mapping[str, Any]] = ()
    today: Mapping[str, Any] | None = None
    lapse: str = ""

    @property
    def from_stage(self) -> str:
        """Where the version is."""
        return str(self.raw.get("from", ""))

    @property
    def reference(self) -> str:
        """The text that names the version: `namespace/model:3`."""
        return f"{self.namespace}/{self.model}:{self.number}"

    @property
    def is_standing(self) -> bool:
        """Whether it can be decided still."""
        return self.state in STANDING

    def path(self) -> str:
        """Its URL path, below `/api/v1`."""
        return f"{Reference(self.model, None, self.namespace).model_path()}/approvals/{self.id}"

    def _shown(self) -> str:
        return f"{self.reference}, {self.from_stage} to {self.to}, {self.state}"


class Approvals(Session):
    """Requests for approval, and decisions on them."""

    def request_approval(
        self,
        reference: str | Reference,
        to: str,
        *,
        rollback: bool = False,
        expires_in: timedelta | None = None,
        comment: str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Approval:
        """Ask that a version may go to a stage, or (`rollback`) back to one where it was.

        A request that stands is returned as it is.
        """
        seconds = None if expires_in is None else int(expires_in.total_seconds())
        body = given(to=to, rollback=rollback or None, expires_in_seconds=seconds, comment=comment)
        path = f"{self.resolve(reference, namespace).version_path()}/approvals"
        answer = self.create(path, body, query={"reason": reason})
        return Approval.read(answer.document)

    def waiting_approvals(
        self, *, everybody: bool = False, namespace: str | None = None
    ) -> Iterator[Approval]:
        """What waits for your decision in a namespace, oldest first; or for anybody's."""
        path = f"{self.in_namespace(namespace)}/approvals"
        query = {"all": "true" if everybody else None}
        return map(Approval.read, self.transport.items(path, **query))

    def approvals(
        self,
        reference: str | Reference,
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Approval]:
        """All requests for a version, newest first."""
        path = f"{self.resolve(reference, namespace).version_path()}/approvals"
        return map(Approval.read, self.transport.items(path, as_of=moment(as_of)))

    def approval(
        self,
        reference: str | Reference,
        *,
        to: str | None = None,
        namespace: str | None = None,
    ) -> Approval:
        """The request that stands for a version (and a stage), with what there is to judge today.

        Raises `NotFound` if there is none, `Conflict` if there are several.
        """
        wanted = to and to.casefold()
        found = [
            each
            for each in self.approvals(reference, namespace=namespace)
            if each.is_standing and wanted in {None, each.to.casefold()}
        ]
        if not found:
            raise NotFound(
                f"No request for approval of {reference} stands.",
                next_step="Ask for one: modelry request-approval MODEL:VERSION STAGE.",
            )
        if len(found) > 1:
            stages = ", ".join(each.to for each in found)
            raise Conflict(
                f"{len(found)} requests for {reference} stand: {stages}.",
                next_step="Say which stage: --to STAGE (to=STAGE).",
            )
        return self.read_approval(found[0])

    def read_approval(self, approval: Approval, *, as_of: datetime | str | None = None) -> Approval:
        """The request as it is now, or was at a moment."""
        path = approval.path()
        return Approval.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def approve(
        self,
        approval: Approval,
        *,
        digest: str | None = None,
        comment: str | None = None,
        reason: str | None = None,
    ) -> Approval:
        """Approve what the request, as you read it, said that there is to judge.

        Raises `Stale`, naming what changed, if that is not what there is any more; `Forbidden`
        if you asked for it, registered the version or have no role that is needed; `Conflict` if
        it is closed, or you approved just this before.
        """
        return self._decide("approve", approval, digest, comment, reason)

    def reject(
        self,
        approval: Approval,
        *,
        digest: str | None = None,
        comment: str | None = None,
        reason: str | None = None,
    ) -> Approval:
        """Reject it, which closes the request. Raises as `approve`."""
        return self._decide("reject", approval, digest, comment, reason)

    def withdraw_approval(self, approval: Approval, *, reason: str | None = None) -> Approval:
        """Take a request back."""
        return self._step("withdraw", approval, None, reason)

    def comment_on_approval(
        self, approval: Approval, text: str, *, reason: str | None = None
    ) -> Approval:
        """Say something about it."""
        return self._step("comment", approval, {"text": text}, reason)

    def _decide(
        self,
        verb: str,
        approval: Approval,
        digest: str | None,
        comment: str | None,
        reason: str | None,
    ) -> Approval:
        seen = digest or (approval.today or {}).get("digest") or approval.digest
        return self._step(verb, approval, given(digest=seen, comment=comment), reason)

    def _step(
        self, verb: str, approval: Approval, body: Mapping[str, Any] | None, reason: str | None
    ) -> Approval:
        answer = self.transport.request(
            "POST", f"{approval.path()}/{verb}", query={"reason": reason}, body=body
        )
        return Approval.read(answer.document)
