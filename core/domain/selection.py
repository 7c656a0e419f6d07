"""Which events of the audit log somebody asks for."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from core.domain.events import Event, Outcome, SubjectKind, last_event_id
from core.domain.moments import shown
from core.errors import Invalid

_MILLISECOND = timedelta(milliseconds=1)
_EXACTLY = ("namespace", "actor", "kind", "subject", "dialect", "outcome", "request_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All of what is given must be so. An `action` that ends in `.*` stands for all of a noun:
    `alias.*`. `since` and `until` are both included. Raises `Invalid`."""

    namespace: str | None = None
    action: str | None = None
    actor: str | None = None
    kind: SubjectKind | None = None
    subject: str | None = None
    dialect: str | None = None
    outcome: Outcome | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.since > self.until:
            raise Invalid(
                f"{shown(self.since)} is after {shown(self.until)}.",
                next_step="Give the earlier time as since, the later one as until.",
            )

    @property
    def query(self) -> tuple[str, ...]:
        """What a page token is bound to."""
        return ("audit", *(str(getattr(self, each.name) or "") for each in fields(self)))

    @property
    def equalities(self) -> dict[str, str]:
        """What must be exactly so, by field."""
        named = {name: getattr(self, name) for name in _EXACTLY}
        if self.action is not None and self.noun is None:
            named["action"] = self.action
        return {name: str(value) for name, value in named.items() if value is not None}

    @property
    def noun(self) -> str | None:
        """What the action must begin with, a dot after it."""
        is_noun = self.action is not None and self.action.endswith(".*")
        return self.action[:-1] if is_noun and self.action else None

    def holds(self, event: Event) -> bool:
        """Whether the event is one of these, whatever its time."""
        exactly = all(getattr(event, name) == value for name, value in self.equalities.items())
        return exactly and event.action.startswith(self.noun or "")

    def ids(self, position: str | None, *, oldest_first: bool) -> tuple[str, str]:
        """Between which ids, neither included, the page lies that begins at the position."""
        lower = "" if self.since is None else last_event_id(self.since - _MILLISECOND)
        upper = "g" if self.until is None else f"{last_event_id(self.until)}g"
        if position is None:
            return lower, upper
        return (max(lower, position), upper) if oldest_first else (lower, min(upper, position))
