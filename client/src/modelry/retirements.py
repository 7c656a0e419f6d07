"""Operations at the end of a version's life, and what to say to whoever uses it still."""

from datetime import UTC, datetime

from modelry.moments import moment
from modelry.records import Version
from modelry.references import Reference
from modelry.session import Session, given


class DeprecatedVersion(UserWarning):
    """A version that is pulled should not be used any more."""


class Retirements(Session):
    """Say of a version that it should not, or cannot, be used any more."""

    def deprecate(
        self,
        reference: str | Reference,
        *,
        since: datetime | str | None = None,
        sunset: datetime | str | None = None,
        successor: str | None = None,
        note: str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Version:
        """From `since` on (now by default) pulls of the version warn, and name the successor.

        `successor` is a version of the same model (`4`, `@champion`) or of another one of the
        namespace (`churn-2@champion`); `sunset` is when the version is going to be retired.
        """
        body = given(since=moment(since), sunset=moment(sunset), successor=successor, note=note)
        path = f"{self.resolve(reference, namespace).version_path()}/deprecate"
        answer = self.transport.request("POST", path, query={"reason": reason}, body=body)
        return Version.read(answer.document)

    def retire(
        self,
        reference: str | Reference,
        *,
        to: str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Version:
        """Bring the version to a stage whose versions are retired: nobody pulls it any more.

        `to` is needed if there are several such stages. Raises `Conflict` naming the gates that
        are closed.
        """
        path = f"{self.resolve(reference, namespace).version_path()}/retire"
        query = {"reason": reason}
        answer = self.transport.request("POST", path, query=query, body=given(to=to))
        return Version.read(answer.document)

    def undeprecate(
        self,
        reference: str | Reference,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Version:
        """Take a deprecation back."""
        path = f"{self.resolve(reference, namespace).version_path()}/undeprecate"
        answer = self.transport.request("POST", path, query={"reason": reason})
        return Version.read(answer.document)


def deprecation_of(version: Version) -> str | None:
    """What to say of a version that should not be used any more; None of all others."""
    said = version.deprecation
    if not said:
        return None
    since = datetime.fromisoformat(said["since"])
    is_past = since <= datetime.now(UTC)
    when = f"has been deprecated since {since:%Y-%m-%d}"
    parts = [version.reference, " "]
    parts.append(when if is_past else f"is going to be deprecated on {since:%Y-%m-%d}")
    if said.get("sunset"):
        end = datetime.fromisoformat(said["sunset"])
        parts.append(f"; it is to be retired on {end:%Y-%m-%d}")
    if said.get("successor"):
        parts.append(f". Use {successor_of(version)} instead")
    if said.get("note"):
        parts.append(f". {said['note']}")
    return f"{''.join(parts).rstrip('.')}."


def successor_of(version: Version) -> Reference | None:
    """The version to use instead of this one, if it names any."""
    named = (version.deprecation or {}).get("successor")
    return named and Reference(named["model"], named["version"], version.namespace)
