"""One event to one target: what is said, signed, and what the target answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.deliveries import Answer
from core.domain.events import Event
from core.domain.messages import Message, cloud_event, standard_headers
from core.domain.mlflow_messages import mlflow_headers, mlflow_messages
from core.domain.webhook_secrets import Secret, good
from core.domain.webhooks import Format, Webhook
from core.ports import Channel, Clock


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Sends to the target of one webhook, as the registry at `source`."""

    webhook: Webhook
    secrets: tuple[Secret, ...]
    channel: Channel
    clock: Clock
    source: str

    def send(self, event: Event) -> Answer:
        """Tell the target of the event. Several messages are one after another; what follows one
        that was not accepted is not sent."""
        if self.webhook.format is Format.MLFLOW:
            return self.send_all(list(mlflow_messages(event, self.webhook.events)))
        return self.send_all([cloud_event(event, self.source)])

    def send_all(self, messages: Sequence[Message]) -> Answer:
        """The answer to the last of the messages that was sent."""
        answer = Answer(accepted=True)
        for message in messages:
            headers = {**message.headers, **self._headers(message, self.clock.now())}
            answer = self.channel.send(
                self.webhook.namespace, self.webhook.target, replace(message, headers=headers)
            )
            if not answer.accepted:
                break
        return answer

    def _headers(self, message: Message, at: datetime) -> dict[str, str]:
        secrets, timestamp = good(self.secrets, at), int(at.timestamp())
        if self.webhook.format is Format.MLFLOW:
            return mlflow_headers(message, secrets, timestamp)
        return standard_headers(message, secrets, timestamp) if secrets else {}
