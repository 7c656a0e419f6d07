"""Operations on legal holds: keep a model or a version from being deleted and purged."""

from modelry.records import Model, Version
from modelry.references import Reference
from modelry.session import Session


class Holds(Session):
    """Legal holds. Models are named `MODEL`, versions `MODEL:3`; `matter` is what the hold is
    for, such as the number of a case."""

    def hold(
        self,
        reference: str | Reference,
        *,
        matter: str,
        reason: str,
        namespace: str | None = None,
    ) -> Model | Version:
        """Put it on legal hold. Setting a hold again changes nothing.

        Raises `Conflict` if it is purged or about to be, `Forbidden` for all but owners.
        """
        resolved = self.resolve(reference, namespace)
        answer = self.transport.request(
            "PUT", f"{resolved.path()}/hold", body={"reference": matter, "reason": reason}
        )
        kind = Model if resolved.version is None else Version
        return kind.read(answer.document)

    def release(
        self,
        reference: str | Reference,
        *,
        reason: str,
        matter: str | None = None,
        namespace: str | None = None,
    ) -> Model | Version:
        """Lift the hold for this matter, or the only one.

        Raises `NotFound` if there is none, `Conflict` if there are several and none is named.
        """
        resolved = self.resolve(reference, namespace)
        query = {"reference": matter, "reason": reason}
        answer = self.transport.request("DELETE", f"{resolved.path()}/hold", query=query)
        kind = Model if resolved.version is None else Version
        return kind.read(answer.document)
