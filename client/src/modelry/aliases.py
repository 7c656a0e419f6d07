"""Operations on aliases: the movable names of versions."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from modelry.moments import moment
from modelry.records import Alias
from modelry.references import Reference, check_alias
from modelry.session import Session, given


class Aliases(Session):
    """Aliases of models."""

    def aliases(
        self,
        model: str | Reference,
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Alias]:
        """The aliases of a model, by name."""
        path = self.resolve(model, namespace).model_path()
        return map(Alias.read, self.transport.items(f"{path}/aliases", as_of=moment(as_of)))

    def set_alias(
        self,
        model: str | Reference,
        alias: str,
        version: int | str,
        *,
        namespace: str | None = None,
        etag: str | None = None,
        reason: str | None = None,
    ) -> Alias:
        """Point an alias at a ready version (`3`, `1.2.0`, `~=1.2`, `latest`, `@other` …).

        With the `etag` of the model, only if nothing moved meanwhile (`Stale`).
        """
        body = given(version=str(version), reason=reason)
        headers = {"If-Match": etag} if etag else {}
        path = self._alias_path(model, alias, namespace)
        return Alias.read(self.transport.request("PUT", path, body=body, headers=headers).document)

    def remove_alias(
        self,
        model: str | Reference,
        alias: str,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Take an alias away; the version stays."""
        path = self._alias_path(model, alias, namespace)
        self.transport.request("DELETE", path, query={"reason": reason})

    def _alias_path(self, model: str | Reference, alias: str, namespace: str | None) -> str:
        path = self.resolve(model, namespace).model_path()
        return f"{path}/aliases/{quote(check_alias(alias), safe='')}"
