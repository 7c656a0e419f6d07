"""Evaluations are registered once, with their version or after it, and read as they were."""

from typing import Any

import pytest

from core.domain.access import Role, system_caller
from core.domain.claims import Attempt
from core.domain.evaluations import Evaluation
from core.domain.events import SubjectKind
from core.domain.pages import PageRequest
from core.domain.records import restore
from core.domain.versions import ByAlias, ByNumber, Latest, OnRepeat
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from core.services.comparisons import Named
from core.services.versions import Outcome
from tests.builders import ADMIN, World, caller, declare, evaluation_report

FILES = {"model.bin": b"weights"}
ALICE = caller(("default", Role.WRITER))
READER = caller(("default", Role.READER), subject="bob")
PLACE = ("default", "iris")
PAGE = PageRequest(50)


@pytest.fixture
def world() -> World:
    made = World()
    made.pushed(FILES)
    return made


def register(world: World, number: int = 1, by: Any = ALICE, **changes: Any) -> Any:
    world.clock.advance(seconds=1)
    report = evaluation_report(**changes)
    return world.registry.evaluations.register(by, *PLACE, ByNumber(number), report)


def page(world: World, **narrowed: Any) -> list[Evaluation]:
    return list(world.registry.evaluations.page(READER, *PLACE, PAGE, **narrowed).items)


def told(world: World) -> list[Any]:
    events = world.database.events.page("default", before=None, limit=99)
    return [event for event in events if event.kind is SubjectKind.EVALUATION]


def test_an_evaluation_is_registered_with_its_event_and_read_with_its_report(world: World) -> None:
    done = register(world, notes="good")

    found = world.registry.evaluations.get(READER, *PLACE, ByNumber(1), done.evaluation.id)
    (event,) = told(world)

    assert done.is_new
    assert found.evaluation == done.evaluation
    assert found.report.document == evaluation_report(notes="good")
    assert (event.action, event.actor) == ("evaluation.registered", ALICE.principal.name)
    assert restore(Evaluation, event.after) == done.evaluation
    assert event.before is None


def test_the_same_report_is_the_same_evaluation(world: World) -> None:
    first = register(world)
    again = register(world)
    other = register(world, duration_seconds=0.6)

    assert (again.evaluation, again.is_new) == (first.evaluation, False)
    assert other.is_new
    assert len(told(world)) == 2
    assert page(world) == [other.evaluation, first.evaluation]


def test_a_key_that_was_used_gives_what_it_created(world: World) -> None:
    def attempted(digest: str) -> Any:
        by = caller(("default", Role.WRITER))
        object.__setattr__(by, "attempt", Attempt("key", "POST", digest))
        return by

    first = register(world, by=attempted("0"))
    again = register(world, by=attempted("0"))

    assert again.evaluation == first.evaluation
    assert again.is_new
    with pytest.raises(Invalid, match="key"):
        register(world, by=attempted("1"), notes="other")


def test_a_report_must_be_of_the_files_of_the_version(world: World) -> None:
    digest = world.registry.versions.get(ALICE, *PLACE, ByNumber(1)).digest
    world.pushed({"model.bin": b"others"})
    model = {"digest": digest}

    assert register(world, 1, model=model).evaluation.model_digest == digest
    with pytest.raises(Conflict, match="other files"):
        register(world, 2, model=model)
    assert len(told(world)) == 1


def test_only_who_may_write_registers(world: World) -> None:
    for role in (Role.READER, Role.APPROVER):
        with pytest.raises(Forbidden):
            register(world, by=caller(("default", role)))
    with pytest.raises(NotFound):
        world.registry.evaluations.page(caller(("other", Role.OWNER)), *PLACE, PAGE)
    assert told(world) == []


def test_what_is_not_there_is_not_found(world: World) -> None:
    made = register(world).evaluation
    world.pushed({"model.bin": b"2"})
    get = world.registry.evaluations.get

    for reference, evaluation_id in ((ByNumber(1), "0"), (ByNumber(2), made.id)):
        with pytest.raises(NotFound, match="no evaluation"):
            get(READER, *PLACE, reference, evaluation_id)
    with pytest.raises(NotFound, match="no version"):
        get(READER, *PLACE, ByNumber(9), made.id)
    with pytest.raises(NotFound, match="no version"):
        register(world, 9)
    with pytest.raises(NotFound, match="no model"):
        world.registry.evaluations.page(READER, "default", "lilies", PAGE)


def test_evaluations_of_a_deleted_version_are_out_of_reach_until_it_is_back(world: World) -> None:
    made = register(world).evaluation
    world.registry.deletions.delete_version(ADMIN, *PLACE, 1, reason="why")

    with pytest.raises(NotFound):
        world.registry.evaluations.get(READER, *PLACE, ByNumber(1), made.id)
    with pytest.raises(NotFound):
        register(world)

    world.registry.deletions.undelete_version(ADMIN, *PLACE, 1)
    assert page(world, reference=ByNumber(1)) == [made]


def test_pages_are_newest_first_and_go_on_where_they_ended(world: World) -> None:
    world.pushed({"model.bin": b"2"})
    made = [register(world, 1 + at % 2, notes=f"{at}").evaluation for at in range(5)][::-1]
    evaluations = world.registry.evaluations

    first = evaluations.page(READER, *PLACE, PageRequest(3))
    rest = evaluations.page(READER, *PLACE, PageRequest(3, first.next_token))

    assert [*first.items, *rest.items] == made
    assert rest.next_token is None
    assert page(world, reference=Latest()) == [each for each in made if each.number == 2]
    with pytest.raises(Invalid, match="token"):
        evaluations.page(READER, *PLACE, PageRequest(3, first.next_token), dataset="holdout")


def test_a_page_is_narrowed_to_a_data_set(world: World) -> None:
    register(world)
    other = register(world, dataset={"name": "recent"}).evaluation

    assert page(world, dataset="recent") == [other]
    assert page(world, dataset="none") == []


def test_the_past_holds_what_was_registered_by_then(world: World) -> None:
    world.registry.aliases.point(ADMIN, *PLACE, "champion", ByNumber(1))
    first = register(world).evaluation
    then = world.clock.now()
    second = register(world, notes="later").evaluation
    world.registry.aliases.remove(ADMIN, *PLACE, "champion")
    get = world.registry.evaluations.get

    assert page(world, as_of=then) == [first]
    assert page(world, as_of=then, reference=ByAlias("champion")) == [first]
    assert get(READER, *PLACE, ByAlias("champion"), first.id, as_of=then).evaluation == first
    with pytest.raises(NotFound, match="no evaluation"):
        get(READER, *PLACE, ByNumber(1), second.id, as_of=then)
    with pytest.raises(Invalid, match="yet to come"):
        page(world, as_of=world.clock.now().replace(year=2100))


def push(world: World, *reports: Any, files: Any = FILES, **options: Any) -> Any:
    declarations = [declare(*item) for item in files.items()]
    return world.registry.versions.register(
        options.pop("by", ALICE), *PLACE, {}, declarations, evaluations=reports, **options
    )


def test_a_version_is_registered_with_its_evaluations_or_not_at_all(world: World) -> None:
    digest = world.registry.versions.get(ALICE, *PLACE, ByNumber(1)).digest
    other = evaluation_report(model={"digest": digest})

    with pytest.raises(Conflict, match="other files"):
        push(world, evaluation_report(), other, files={"model.bin": b"2"})
    with pytest.raises(NotFound):
        world.registry.versions.get(ALICE, *PLACE, ByNumber(2))
    assert told(world) == []

    done = push(world, evaluation_report(), other, on_repeat=OnRepeat.NEW)

    assert (done.version.number, done.outcome) == (2, Outcome.NEW)
    assert {each.number for each in page(world)} == {2}
    assert len(told(world)) == 2


def test_a_push_that_is_repeated_keeps_each_evaluation_once(world: World) -> None:
    first = push(world, evaluation_report(), files={"model.bin": b"2"})
    again = push(world, evaluation_report(), files={"model.bin": b"2"})
    more = push(world, evaluation_report(notes="2"), files={"model.bin": b"2"})

    assert [each.outcome for each in (first, again, more)] == [
        Outcome.NEW,
        Outcome.RESUMED,
        Outcome.RESUMED,
    ]
    assert [each.number for each in page(world)] == [2, 2]


def test_an_evaluation_of_a_training_that_is_there_goes_to_the_version_that_exists() -> None:
    world = World()
    training = {
        "parameters": {"depth": 3},
        "datasets": ({"name": "iris", "digest": "sha256:1"},),
        "code": {"commit": "c0ffee"},
    }
    world.pushed(FILES, **training)

    declarations = [declare(*item) for item in FILES.items()]
    done = world.registry.versions.register(
        ADMIN, *PLACE, training, declarations, evaluations=[evaluation_report()]
    )

    assert done.outcome is Outcome.EXISTING
    assert [each.number for each in page(world)] == [1]


def test_few_evaluations_may_come_along(world: World) -> None:
    with pytest.raises(TooLarge):
        push(world, *[evaluation_report()] * 11)


def test_a_comparison_has_what_stands_on_each_data_set(world: World) -> None:
    world.pushed({"model.bin": b"2"})
    world.registry.models.register(ADMIN, "default", "rose", {})
    world.pushed({"model.bin": b"3"}, model="rose")
    data = [{"name": "holdout", "digest": f"sha256:{at}"} for at in range(2)]
    register(world, 1, metrics={"accuracy": 0.5})
    register(world, 1, metrics={"accuracy": 0.8, "only": 1}, dataset=data[0])
    register(world, 2, metrics={"accuracy": 0.9, "log_loss": 0.3}, dataset=data[1])
    register(world, 2, metrics={"accuracy": 0.7}, dataset={"name": "a.csv"})
    names = [Named("default", "iris", ByNumber(number)) for number in (1, 2)]

    compared = world.registry.comparisons.compare(
        READER, [*names, Named("default", "rose", ByNumber(1))]
    )
    rows = {
        (row.section, row.name): row
        for row in compared.rows
        if row.section.startswith("evaluation")
    }

    accuracy = rows["evaluation on holdout", "accuracy"]
    assert [cell and cell.value for cell in accuracy.cells] == [0.8, 0.9, None]
    assert accuracy.cells[1] is not None
    assert accuracy.cells[1].delta == pytest.approx(0.1)
    assert (accuracy.direction, accuracy.best) == ("higher", (1,))
    digests = rows["evaluation on holdout", "data set digest"]
    assert [cell and cell.value for cell in digests.cells] == ["sha256:0", "sha256:1", None]
    assert (digests.direction, digests.best) == (None, ())
    assert list(rows) == [
        ("evaluation on a.csv", "accuracy"),
        ("evaluation on holdout", "accuracy"),
        ("evaluation on holdout", "data set digest"),
        ("evaluation on holdout", "log_loss"),
        ("evaluation on holdout", "only"),
    ]


def test_what_is_purged_takes_its_evaluations_along(world: World) -> None:
    for at in range(25):
        register(world, notes=f"{at}")
    world.pushed({"model.bin": b"2"})
    kept = register(world, 2).evaluation
    world.registry.deletions.delete_version(ADMIN, *PLACE, 1, reason="why")
    world.clock.advance(seconds=world.settings.delete_grace_seconds + 1)

    world.registry.purges.purge(system_caller("sweep"))

    left = world.database.evaluations.page(*PLACE, before=None, limit=99)
    events = [each.action for each in told(world)]
    assert left == [kept]
    assert world.database.evaluations.report(kept.id) is not None
    assert events.count("evaluation.purged") == 25
    assert len(world.database._tables.reports) == 1
