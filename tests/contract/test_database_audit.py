"""What the port promises of refusals, downloads and counts, on every implementation."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.domain.events import SubjectKind
from core.errors import Taken
from core.ports import Database
from tests.contract.entities import event, later


def test_what_is_noted_is_there_once_and_not_in_the_history(database: Database) -> None:
    noted = event("fraud/iris/1", SubjectKind.DOWNLOAD)

    database.audit.note(noted)

    with pytest.raises(Taken):
        database.audit.note(noted)
    assert database.events.page("fraud", before=None, limit=9) == []


def test_everything_is_counted_whoever_counts_at_once(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: database.audit.count("a", later(10**9)), range(40)))

    assert sorted(counts) == list(range(1, 41))
    assert database.audit.count("b", later(10**9)) == 1
