"""Use cases on deliveries: what became of them, once more, and whether a target answers at all."""

from dataclasses import dataclass, replace
from datetime import timedelta

from core.domain.access import Action, Caller
from core.domain.deliveries import Answer, Delivery, DeliveryState
from core.domain.events import Event, SubjectKind, event_id
from core.domain.messages import Message, cloud_event, group_of
from core.domain.mlflow_messages import EXAMPLES, check_mlflow_event, mlflow_message
from core.domain.moments import shown
from core.domain.pages import Page, PageRequest
from core.domain.webhooks import Format, Webhook
from core.errors import NotFound
from core.ports import Channel, Clock, Database, Stores, Vault
from core.services.dispatches import Dispatch
from core.services.receivers import kept_of, moved, opened, webhook_of


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The log of what was delivered, which is kept for `log`; `source` is the registry's URL."""

    database: Database
    clock: Clock
    channel: Channel
    vault: Vault
    source: str
    log: timedelta

    def page(
        self,
        caller: Caller,
        namespace: str,
        webhook_id: str,
        request: PageRequest,
        *,
        state: DeliveryState | None = None,
    ) -> Page[Delivery]:
        """Those of a webhook, of one state if it is given, the newest first. Raises `NotFound`."""
        caller.require(Action.WEBHOOK_READ, namespace)
        webhook_of(self.database, namespace, webhook_id)
        query = ("deliveries", namespace, webhook_id, state or "")
        rows = self.database.deliveries.page(
            webhook_id, state=state, before=request.after(*query), limit=request.size + 1
        )
        return request.page(rows, lambda delivery: delivery.event_id, *query)

    def get(self, caller: Caller, namespace: str, webhook_id: str, event_id: str) -> Delivery:
        """That of an event. Raises `NotFound`."""
        caller.require(Action.WEBHOOK_READ, namespace)
        webhook_of(self.database, namespace, webhook_id)
        delivery = self.database.deliveries.get(webhook_id, event_id)
        if delivery is None:
            raise NotFound(
                f"There is no delivery of the event {event_id[:60]!a}.",
                next_step="It was not wanted, is not due, or was long ago: list the deliveries.",
            )
        return delivery

    def redeliver(self, caller: Caller, namespace: str, webhook_id: str, event_id: str) -> Delivery:
        """Let the relay send an event of the namespace once more, whatever became of it before,
        outside of the order of its subject. Repeating is fine. Raises `NotFound`.

        It is no change of the webhook, and has no event.
        """
        caller.require(Action.WEBHOOK_CHANGE, namespace)
        webhook_of(self.database, namespace, webhook_id)
        at = self.clock.now()
        event = self.database.audit.get(event_id)
        if event is None or event.namespace != namespace or event.details is not None:
            raise NotFound(
                f"The namespace {namespace!r} has no event {event_id[:60]!a}.",
                next_step="Take its id from the deliveries, or from the namespace's events.",
            )

        def work(stores: Stores) -> Delivery:
            before = stores.deliveries.get(webhook_id, event_id)
            if before is not None and before.state is DeliveryState.WAITING:
                again = before.again or before.attempts > 0
                after = replace(before, next_at=at, again=before.again) if again else before
            else:
                after = Delivery(
                    webhook_id=webhook_id,
                    event_id=event_id,
                    action=event.action,
                    subject=group_of(event),
                    again=True,
                    created_at=at,
                    next_at=at,
                    expires_at=at + self.log,
                )
            stores.deliveries.record([after])
            cursor = stores.deliveries.cursor(webhook_id)
            if cursor is not None:
                stores.deliveries.move(moved(cursor, due_at=min(cursor.due_at, at), retry_at=at))
            return after

        return self.database.transaction(work)

    def ping(
        self, caller: Caller, namespace: str, webhook_id: str, *, event: str | None = None
    ) -> Answer:
        """Send a message of no event at once, and say what the target answered: `webhook.ping`, or
        an example of MLflow's `event`. Raises `NotFound`, `Invalid`."""
        caller.require(Action.WEBHOOK_CHANGE, namespace)
        webhook, kept = kept_of(self.database, namespace, webhook_id)
        secrets = opened(self.vault, webhook_id, kept)
        dispatch = Dispatch(webhook, secrets, self.channel, self.clock, self.source)
        return dispatch.send_all([self._example(caller, webhook, event)])

    def _example(self, caller: Caller, webhook: Webhook, name: str | None) -> Message:
        at = self.clock.now()
        if webhook.format is Format.MLFLOW:
            name = name or webhook.events[0]
            check_mlflow_event(name)
            return mlflow_message(
                event_id(at), name, EXAMPLES[name], at=shown(at), group=webhook.id
            )
        told = Event(
            id=event_id(at),
            at=at,
            action="webhook.ping",
            namespace=webhook.namespace,
            kind=SubjectKind.WEBHOOK,
            subject=f"{webhook.namespace} {webhook.id}",
            revision=webhook.revision,
            actor=caller.principal.name,
            request_id=caller.request_id,
        )
        return cloud_event(told, self.source)
