"""Operations on the past: what happened to an object, and taking an update back."""

from collections.abc import Iterator
from datetime import datetime

from modelry.moments import moment
from modelry.records import Change, FieldChange, Model, Version
from modelry.references import Reference
from modelry.session import Session, given


class History(Session):
    """Histories of models, versions and aliases."""

    def history(
        self, reference: str | Reference, *, namespace: str | None = None
    ) -> Iterator[Change]:
        """What happened to a model, to a version (`MODEL:3`) or to an alias (`MODEL@champion`),
        newest first; even after it was deleted. Raises `NotFound`."""
        path = self._past_path(reference, namespace)
        return map(Change.read, self.transport.items(f"{path}/history"))

    def diff(
        self,
        reference: str | Reference,
        start: datetime | str,
        end: datetime | str | None = None,
        *,
        namespace: str | None = None,
    ) -> list[FieldChange]:
        """What is different at `end` (now) from what was at `start`, field by field."""
        path = self._past_path(reference, namespace)
        query = given(**{"from": moment(start), "to": moment(end)})
        answer = self.transport.get(f"{path}/diff", **query).document
        return [FieldChange.read(each) for each in answer["changes"]]

    def undo(
        self,
        reference: str | Reference,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Model | Version:
        """Put back what the last update of a model or version changed; again: the one before.

        Raises `Conflict` if there is none, or naming the fields that were changed since.
        """
        resolved = self.resolve(reference, namespace)
        answer = self.transport.request(
            "POST",
            f"{resolved.path()}/undo",
            query={"reason": reason},
            headers={"If-Match": etag},
        )
        kind = Model if resolved.version is None else Version
        return kind.read(answer.document)

    def _past_path(self, reference: str | Reference, namespace: str | None) -> str:
        return self.resolve(reference, namespace).path(of_alias=True)
