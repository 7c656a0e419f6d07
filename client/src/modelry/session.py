"""One caller at one registry: what all operations of the SDK stand on."""

import os
import uuid
from collections.abc import Mapping
from typing import Any

from modelry.credentials import Credentials
from modelry.errors import NotSignedIn
from modelry.login import SignIn
from modelry.network import Network, check_url
from modelry.references import DEFAULT_NAMESPACE, Reference, check_namespace, parse_reference
from modelry.retries import RetryPolicy
from modelry.tokens import token_source
from modelry.transfers import WORKERS
from modelry.transport import Answer, Transport
from modelry.version import VERSION


class Session:
    """The registry's address, the caller's token and the namespace that is meant by default."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        namespace: str | None = None,
        workers: int = WORKERS,
        timeout_seconds: float = 60,
        retries: RetryPolicy | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        credentials = credentials or Credentials()
        self.url = registry_url(url, credentials)
        self.namespace_name = check_namespace(
            namespace or os.environ.get("MODELRY_NAMESPACE") or DEFAULT_NAMESPACE
        )
        self.workers = workers
        network = Network(connections=workers + 2, read_seconds=timeout_seconds)
        policy = retries or RetryPolicy()
        sign_in = SignIn(url=self.url, network=network, retries=policy)
        self.tokens = token_source(token, sign_in, credentials)
        self.transport = Transport(
            self.url,
            self.tokens,
            network=network,
            retries=policy,
            user_agent=f"modelry/{VERSION}",
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}, namespace {self.namespace_name}>"

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close idle connections."""
        self.transport.network.close()

    def resolve(self, reference: str | Reference, namespace: str | None = None) -> Reference:
        """The reference with its namespace: its own, else `namespace`, else the session's.

        Raises `Invalid` for text that is no reference.
        """
        parsed = parse_reference(reference) if isinstance(reference, str) else reference
        return parsed.within(check_namespace(namespace or self.namespace_name))

    def in_namespace(self, namespace: str | None) -> str:
        """The URL path of a namespace, the session's by default."""
        return f"/namespaces/{check_namespace(namespace or self.namespace_name)}"

    def create(
        self,
        path: str,
        body: Mapping[str, Any],
        key: str | None = None,
        *,
        query: Mapping[str, object] | None = None,
    ) -> Answer:
        """Create what `body` describes below `path`, once however often the request is sent.

        The registry remembers `key` for 24 hours, by default a new one that only the retries of
        this call share.
        """
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.transport.request(
            "POST", path, query=query, body=body, headers=headers, idempotent=True
        )

    def patch(
        self, path: str, etag: str, changes: Mapping[str, Any], reason: str | None = None
    ) -> Mapping[str, Any]:
        """Merge-patch what lies at `path` if its revision is still `etag` (`*`: whatever it is)."""
        answer = self.transport.request(
            "PATCH",
            path,
            query={"reason": reason},
            body=changes,
            headers={"If-Match": etag, "Content-Type": "application/merge-patch+json"},
        )
        changed: Mapping[str, Any] = answer.document
        return changed


def registry_url(url: str | None, credentials: Credentials) -> str:
    """The given address, MODELRY_URL, or the registry signed in to last.

    Raises `NotSignedIn` if there is none of them, `Invalid` if a token may not be sent there.
    """
    chosen = url or os.environ.get("MODELRY_URL") or credentials.default_url()
    if not chosen:
        raise NotSignedIn(
            "It is not known which registry to ask.",
            next_step="Run `modelry login URL`, set MODELRY_URL, or give --url.",
        )
    return check_url(chosen, "the registry")


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are not None: what was left out keeps the registry's default."""
    return {name: value for name, value in fields.items() if value is not None}
