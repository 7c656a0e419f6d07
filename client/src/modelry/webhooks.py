"""Operations on webhooks: who is told of what happens in a namespace."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from modelry.records import Record
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class Webhook(Record):
    """Who is told. Its `secret` is there when it was made or rotated, and never again."""

    id: str = ""
    namespace: str = ""
    name: str = ""
    target: str = ""
    events: Sequence[str] = ()
    models: Sequence[str] = ()
    stages: Sequence[str] = ()
    format: str = ""
    state: str = ""
    secret: str | None = field(default=None, repr=False)
    revision: int = 0

    def _shown(self) -> str:
        return f"{self.namespace} {self.name}, {self.state}"


@dataclass(frozen=True, repr=False)
class Delivery(Record):
    """What became of telling a webhook of an event."""

    event_id: str = ""
    action: str = ""
    subject: str = ""
    state: str = ""
    attempts: int = 0
    status: int | None = None
    detail: str = ""
    tried_at: datetime | None = None
    next_at: datetime | None = None

    def _shown(self) -> str:
        return f"{self.action} {self.subject}, {self.state}"


@dataclass(frozen=True, repr=False)
class Pinged(Record):
    """What a target answered to a message of no event."""

    accepted: bool = False
    status: int | None = None
    detail: str = ""


class Webhooks(Session):
    """Webhooks are named by their ids."""

    def webhooks(self, namespace: str | None = None) -> Iterator[Webhook]:
        """The webhooks of a namespace, the oldest first."""
        return map(Webhook.read, self.transport.items(self._webhooks(namespace)))

    def webhook(self, webhook_id: str, *, namespace: str | None = None) -> Webhook:
        """One of them. Raises `NotFound`."""
        return Webhook.read(
            self.transport.request("GET", self._webhook(webhook_id, namespace)).document
        )

    def create_webhook(
        self,
        name: str,
        target: str,
        *,
        events: Sequence[str] = ("*",),
        models: Sequence[str] = (),
        stages: Sequence[str] = (),
        description: str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Webhook:
        """Tell a URL, or a queue, topic or bus that the operator has named, of what happens from
        now on. The answer holds the secret that messages are signed with, this once.

        It is not repeated by itself, since a repeated request is answered without the secret.
        """
        body = given(
            name=name,
            target=target,
            events=list(events),
            models=list(models),
            stages=list(stages),
            description=description,
        )
        answer = self.transport.request(
            "POST", self._webhooks(namespace), query={"reason": reason}, body=body
        )
        return Webhook.read(answer.document)

    def update_webhook(
        self,
        webhook_id: str,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Webhook:
        """Change it: `target`, `events`, `models`, `stages`, `name`, `description`, `state`
        (`disabled`, `active`)."""
        return Webhook.read(self.patch(self._webhook(webhook_id, namespace), etag, changes, reason))

    def delete_webhook(
        self, webhook_id: str, *, namespace: str | None = None, reason: str | None = None
    ) -> None:
        """Tell it nothing any more; what waits is not sent."""
        self.transport.request(
            "DELETE", self._webhook(webhook_id, namespace), query={"reason": reason}
        )

    def rotate_webhook_secret(
        self,
        webhook_id: str,
        *,
        grace: timedelta = timedelta(days=1),
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Webhook:
        """Give it a new secret, which the answer holds this once. For the grace period messages
        are signed with the former one too."""
        answer = self.transport.request(
            "POST",
            f"{self._webhook(webhook_id, namespace)}/rotate-secret",
            query={"reason": reason},
            body={"grace_seconds": int(grace.total_seconds())},
        )
        return Webhook.read(answer.document)

    def ping_webhook(self, webhook_id: str, *, namespace: str | None = None) -> Pinged:
        """Send it a message of no event at once, and say what it answered."""
        path = f"{self._webhook(webhook_id, namespace)}/ping"
        return Pinged.read(self.transport.request("POST", path).document)

    def deliveries(
        self, webhook_id: str, *, state: str | None = None, namespace: str | None = None
    ) -> Iterator[Delivery]:
        """What was delivered, waits, or was given up (`dead`), the newest first."""
        path = f"{self._webhook(webhook_id, namespace)}/deliveries"
        return map(Delivery.read, self.transport.items(path, state=state))

    def redeliver(
        self, webhook_id: str, event_id: str, *, namespace: str | None = None
    ) -> Delivery:
        """Let an event of the namespace be sent once more. Raises `NotFound`."""
        place = f"{self._webhook(webhook_id, namespace)}/deliveries/{quote(event_id, safe='')}"
        answer = self.transport.request("POST", f"{place}/redeliver", idempotent=True)
        return Delivery.read(answer.document)

    def _webhooks(self, namespace: str | None) -> str:
        return f"{self.in_namespace(namespace)}/webhooks"

    def _webhook(self, webhook_id: str, namespace: str | None) -> str:
        return f"{self._webhooks(namespace)}/{quote(webhook_id, safe='')}"
