"""The audit log is read as it is selected, on every implementation, in both directions."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.events import Event, Outcome, SubjectKind
from core.domain.selection import Selection
from core.errors import Invalid
from core.ports import Database
from tests.contract.entities import event, later, store

DAY = 24 * 3600
SECONDS = (0, 1, 2, 3600, 4000, DAY, 2 * DAY, 40 * DAY, 40 * DAY + 1)
AT = later(41 * DAY)


def log() -> list[Event]:
    """Events of every sort, from seconds to weeks apart."""
    kinds = [SubjectKind.MODEL, SubjectKind.ALIAS, SubjectKind.DOWNLOAD, SubjectKind.ACCESS]
    actions = ["model.registered", "alias.set", "download.granted", "access.refused"]
    events = []
    for number, seconds in enumerate(SECONDS):
        made = event(
            f"s/{number % 2}",
            kinds[number % 4],
            at=later(seconds),
            namespace=("fraud", "risk")[number % 3 == 0],
        )
        refused = kinds[number % 4] is SubjectKind.ACCESS
        events.append(
            replace(
                made,
                action=actions[number % 4],
                actor=f"subject:dev:{'ab'[number % 2]}",
                dialect=("native", "mlflow")[number % 2],
                outcome=Outcome.REFUSED if refused else Outcome.DONE,
            )
        )
    return events


def told(database: Database) -> list[Event]:
    events = log()
    changes = [each for each in events if each.kind in {SubjectKind.MODEL, SubjectKind.ALIAS}]
    store(database, *changes)
    for each in events:
        if each not in changes:
            database.audit.note(each)
    return events


SELECTIONS: dict[str, dict[str, Any]] = {
    "all": {},
    "a namespace": {"namespace": "fraud"},
    "an action": {"action": "alias.set"},
    "a noun": {"action": "alias.*"},
    "a noun that is the beginning of none": {"action": "ali.*"},
    "somebody": {"actor": "subject:dev:a"},
    "a kind": {"kind": SubjectKind.DOWNLOAD},
    "a subject": {"kind": SubjectKind.MODEL, "subject": "s/0", "namespace": "risk"},
    "a dialect": {"dialect": "mlflow", "actor": "subject:dev:b"},
    "refusals": {"outcome": Outcome.REFUSED},
    "all but refusals": {"outcome": Outcome.DONE},
    "a request": {"request_id": "request"},
    "since": {"since": later(2)},
    "until": {"until": later(3600)},
    "a span": {"since": later(1), "until": later(DAY), "namespace": "fraud"},
    "nothing": {"request_id": "another"},
}


@pytest.mark.parametrize("given", SELECTIONS.values(), ids=SELECTIONS.keys())
def test_it_is_read_in_pages_in_both_directions(database: Database, given: dict[str, Any]) -> None:
    selection = Selection(**given)
    wanted = [
        each
        for each in sorted(told(database), key=lambda each: each.id)
        if selection.holds(each)
        and (selection.since is None or each.at >= selection.since)
        and (selection.until is None or each.at <= selection.until)
    ]
    for oldest_first in (True, False):
        for limit in (2, 50):
            found: list[Event] = []
            position = None
            while page := database.audit.page(
                selection, position=position, oldest_first=oldest_first, at=AT, limit=limit
            ):
                found += page
                position = page[-1].id
            assert found == (wanted if oldest_first else wanted[::-1])


def test_one_event_is_found_whichever_sort_it_is_of(database: Database) -> None:
    for each in told(database):
        assert database.audit.get(each.id) == each
    assert database.audit.get("0" * 32) is None


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid, match="is after"):
        Selection(since=later(1), until=later(0))
