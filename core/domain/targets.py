"""Queues, topics and buses that an operator has set up for webhooks to name."""

from dataclasses import dataclass

from core.domain.names import check_label
from core.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTarget:
    """A queue, topic or bus under a name of its own; the process's credentials reach it.

    `address` is the URL of a queue (`sqs`), the ARN of a topic (`sns`), the name of a bus
    (`eventbridge`). Webhooks of these `namespaces` may name it; of all if there are none.
    """

    name: str
    kind: str
    address: str
    region: str = "us-east-1"
    endpoint: str | None = None
    namespaces: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_label("target", self.name)
        if self.kind not in {"sqs", "sns", "eventbridge"}:
            raise Invalid(
                f"{self.kind[:40]!a} is no kind of target.",
                next_step="Choose one of: sqs, sns, eventbridge.",
            )
