"""No sequence of requests reaches a stage past a closed gate, and events rebuild every object."""

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.domain.access import Role
from core.domain.lifecycles import Holder, Lifecycle, default_lifecycle
from core.domain.models import RegisteredModel
from core.domain.namespaces import Namespace
from core.domain.records import restore
from core.domain.subjects import stage_subject, subject_of
from core.domain.versions import ByNumber, ModelVersion
from core.errors import RegistryError
from tests.builders import ADMIN, World, caller

NUMBERS = st.integers(1, 4)
STAGES = ("Development", "Staging", "Production", "Archived")
PEOPLE = [
    caller(("default", role), subject=f"{role}-{number}")
    for role in (Role.WRITER, Role.APPROVER, Role.OWNER, Role.READER)
    for number in (1, 2)
]
KINDS = {
    "lifecycle": Lifecycle,
    "model": RegisteredModel,
    "namespace": Namespace,
    "version": ModelVersion,
}


class Promotions(RuleBasedStateMachine):
    """People ask for whatever they like. The model of it all: what the gates allow, in words so
    simple that they can be checked by reading, and who holds what."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.registry = self.world.registry
        self.threshold = 0.0
        self.rollback_threshold = 0.0
        self.stage: dict[int, str] = {}
        self.metrics: dict[int, float | None] = {}

    @initialize(metrics=st.lists(st.sampled_from([None, 0.2, 0.5, 0.9]), min_size=4, max_size=4))
    def some_versions(self, metrics: list[float | None]) -> None:
        self.registry.models.register(ADMIN, "default", "iris", {})
        for number, auc in enumerate(metrics, 1):
            described = {"parameters": {"n": number}}
            described |= {} if auc is None else {"metrics": {"auc": auc}}
            self.registry.versions.register(PEOPLE[0], "default", "iris", described)
            self.stage[number], self.metrics[number] = "Development", auc
            if number % 2:
                self.somebody_promotes(number, "Staging", PEOPLE[0])

    @rule(threshold=st.sampled_from([0.0, 0.4, 0.8, 2.0]), back=st.sampled_from([0.0, 0.4]))
    def gates_change(self, threshold: float, back: float) -> None:
        default = default_lifecycle("default")
        gates = ({"rule": "metric", "require": f"auc >= {threshold}"},)
        lighter = ({"rule": "metric", "require": f"auc >= {back}"},)
        ways = tuple(
            replace(way, gates=gates, rollback_gates=lighter)
            if way.to_stage == "Production"
            else way
            for way in default.transitions
        )
        self.registry.lifecycles.put(PEOPLE[4], "default", default.stages, ways)
        self.threshold, self.rollback_threshold = threshold, back
        self.gated = True

    gated = False

    def open_to(self, number: int, target: str, threshold: float) -> bool:
        source = self.stage[number]
        ways = {(way.from_stage, way.to_stage) for way in default_lifecycle("x").transitions}
        if source == target:
            return True
        if (source, target) not in ways:
            return False
        auc = self.metrics[number]
        is_gated = self.gated and target == "Production"
        return not is_gated or (auc is not None and auc >= threshold)

    def moved(self, number: int, target: str) -> None:
        if target == "Production":
            for other, stage in self.stage.items():
                if stage == target and other != number:
                    self.stage[other] = "Staging"
        self.stage[number] = target

    @rule(number=NUMBERS, to=st.sampled_from(STAGES), who=st.sampled_from(PEOPLE))
    def somebody_promotes(self, number: int, to: str, who: Any) -> None:
        may = "reader" not in who.principal.subject
        allowed = may and self.open_to(number, to, self.threshold)
        try:
            self.registry.promotions.promote(who, "default", "iris", ByNumber(number), to)
        except RegistryError:
            assert not allowed
            return
        assert allowed
        self.moved(number, to)

    @rule(number=NUMBERS, who=st.sampled_from(PEOPLE[:4]))
    def somebody_promotes_to_where_the_gates_are(self, number: int, who: Any) -> None:
        self.somebody_promotes(number, "Production", who)

    @rule(number=NUMBERS, to=st.sampled_from(STAGES))
    def somebody_asks(self, number: int, to: str) -> None:
        asked = (PEOPLE[6], "default", "iris", ByNumber(number), to)
        try:
            is_open = self.registry.promotions.judge(*asked).is_open
        except RegistryError:
            is_open = False
        assert is_open is self.open_to(number, to, self.threshold)

    @rule(who=st.sampled_from(PEOPLE), away_from=st.none() | NUMBERS)
    def somebody_rolls_back(self, who: Any, away_from: int | None) -> None:
        try:
            done = self.registry.rollbacks.stage(
                who, "default", "iris", "Production", away_from=away_from
            )
        except RegistryError:
            return
        assert "reader" not in who.principal.subject
        number = done.version.number
        assert self.open_to(number, "Production", self.rollback_threshold)
        if done.has_moved:
            assert away_from in {None, *(n for n, at in self.stage.items() if at == "Production")}
        self.moved(number, "Production")

    @rule(number=NUMBERS, who=st.sampled_from(PEOPLE), alias=st.sampled_from(["production", "x"]))
    def somebody_points_an_alias(self, number: int, who: Any, alias: str) -> None:
        try:
            self.registry.aliases.point(who, "default", "iris", alias, ByNumber(number))
        except RegistryError:
            return
        assert alias != "production"

    @rule(number=NUMBERS, who=st.sampled_from(PEOPLE))
    def somebody_describes_a_version(self, number: int, who: Any) -> None:
        patch = {"metadata": {"stage": "Production", "auc": 1}}
        try:
            self.registry.versions.update(
                who, "default", "iris", ByNumber(number), patch, expected_revision=None
            )
        except RegistryError:
            return

    @rule(seconds=st.sampled_from([-3_600, -1, 0, 1, 3_600]))
    def the_clock_jumps(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)

    @precondition(lambda self: self.stage)
    @invariant()
    def every_version_is_where_it_was_allowed_to_go(self) -> None:
        database = self.world.database
        model = database.models.get("default", "iris")
        assert model is not None
        holders = [number for number, stage in self.stage.items() if stage == "Production"]
        assert len(holders) <= 1
        for number, stage in self.stage.items():
            version = database.versions.get("default", "iris", number)
            assert version is not None
            assert (version.stage or "Development") == stage
            assert ("production" in version.aliases) is (stage == "Production")
        assert [*model.stages.values()] == holders
        assert [at for name, at in model.aliases.items() if name == "production"] == holders

    @precondition(lambda self: self.stage)
    @invariant()
    def the_last_event_of_everything_is_what_it_is(self) -> None:
        database = self.world.database
        now: dict[Any, Any] = {}
        for event in reversed(database.events.page("default", before=None, limit=100_000)):
            if event.kind.value in KINDS and event.after is not None:
                rebuilt = restore(KINDS[event.kind.value], event.after)
                former = now.get(subject_of(rebuilt))
                assert former is None or rebuilt.revision == former.revision + 1
                now[subject_of(rebuilt)] = rebuilt
        for entity in now.values():
            assert entity == self.stored(entity)
        model = database.models.get("default", "iris")
        assert model is not None
        last = database.events.last(stage_subject("default", "iris", "Production"))
        holder = None if last is None or last.after is None else restore(Holder, last.after)
        assert (holder and holder.version) == model.stages.get("Production")

    def stored(self, entity: Any) -> Any:
        database = self.world.database
        match entity:
            case Lifecycle():
                return database.lifecycles.get("default")
            case RegisteredModel():
                return database.models.get("default", entity.name)
            case Namespace():
                return database.namespaces.get("default")
        return database.versions.get("default", entity.model, entity.number)


TestPromotions = Promotions.TestCase
TestPromotions.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
