"""What a promotion through five gates costs: commands to the database, and time, on the embedded
database; two versions take turns in a stage that holds one."""

import argparse
import statistics
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from pymongo import monitoring

from bench.running import registry as running_registry
from bench.tables import table
from core.adapters.mongo.database import MongoDatabase, mongo_client
from core.bootstrap import SystemClock
from core.domain.access import Caller, Principal, Role
from core.domain.approvals import Approval, Decision, Verdict
from core.domain.grants import Grant
from core.domain.lifecycles import default_lifecycle
from core.domain.moments import shown
from core.domain.subjects import event_of
from core.domain.versions import ByNumber
from core.ports import Stores
from core.services.evaluations import Evaluations
from core.services.lifecycles import Lifecycles
from core.services.models import Models
from core.services.promotions import Promotions
from core.services.versions import Versions

DATABASE = "modelry"
GATES = (
    {"rule": "metric", "require": "auc >= champion - 0.01"},
    {"rule": "metadata", "schema": {"required": ["description"]}},
    {"rule": "evaluation", "dataset": "holdout", "max_age_days": 30},
    {"rule": "artifact", "name": "card"},
    {"rule": "approval", "count": 1},
)
MAX_READS = 3


class Listener(monitoring.CommandListener):
    """Writes down every command, and whether it was part of a transaction."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, bool]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Note it."""
        self.commands.append((event.command_name, "txnNumber" in event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Not needed."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Not needed."""


def main(arguments: list[str]) -> None:
    """Print the counts and the times; fail if there are more reads than promised."""
    options = argparse.ArgumentParser(prog="bench promotions")
    options.add_argument("--promotions", type=int, default=100)
    chosen = options.parse_args(arguments)
    with running_registry() as running:
        listener = Listener()
        client = mongo_client(running.address("database"), event_listeners=[listener])
        bench = _Bench(MongoDatabase(client, DATABASE), listener)
        bench.prepare()
        reads, within, times = bench.run(chosen.promotions)
        client.close()
    print(f"{chosen.promotions} promotions through five gates to a stage that holds one version,")
    print("each displacing another one:\n")
    rows = [
        ("reads before the transaction", reads, MAX_READS),
        ("transactions", 1, 1),
        ("commands in it", " ".join(f"{count} {name}" for name, count in within), ""),
        ("median ms", f"{statistics.median(times) * 1000:.1f}", ""),
    ]
    print(table(("", "measured", "goal"), rows))
    if reads > MAX_READS:
        raise SystemExit(f"{reads} reads before the transaction; at most {MAX_READS}.")


class _Bench:
    def __init__(self, database: MongoDatabase, listener: Listener) -> None:
        self.database, self.listener, self.clock = database, listener, SystemClock()
        self.promotions = Promotions(database, self.clock, {})
        who = Principal("bench", "owner")
        grant = Grant("default", who.name, Role.OWNER, self.clock.now(), "bench")
        self.caller = Caller(who, (grant.rule,), "bench", "bench", "127.0.0.1")

    def prepare(self) -> None:
        """Two versions in Staging, evaluated, with all that the gates ask for."""
        Models(self.database, self.clock).register(self.caller, "default", "gated", {})
        card = {"name": "card", "kind": "document", "uri": "https://example.org/card"}
        described = {"description": "whole", "metrics": {"auc": 0.9}, "artifacts": (card,)}
        versions = Versions(self.database, self.clock, 60, 10, 10)
        report = {
            "schema_version": 1,
            "dataset": {"name": "holdout"},
            "metrics": {"auc": 0.9},
            "evaluator": {"name": "bench"},
            "evaluated_at": shown(self.clock.now()),
        }
        for number in (1, 2):
            fields = {**described, "parameters": {"n": number}}
            versions.register(self.caller, "default", "gated", fields)
            Evaluations(self.database, self.clock).register(
                self.caller, "default", "gated", ByNumber(number), report
            )
            self.promote(number, "Staging")
        default = default_lifecycle("default")
        ways = [
            replace(way, gates=GATES) if way.to_stage == "Production" else way
            for way in default.transitions
        ]
        Lifecycles(self.database, self.clock).put(self.caller, "default", default.stages, ways)
        for number in (1, 2):
            self.approve(number)

    def promote(self, number: int, stage: str) -> None:
        """Let it pass."""
        place = (self.caller, "default", "gated", ByNumber(number), stage)
        assert self.promotions.promote(*place).has_moved

    def approve(self, number: int) -> None:
        """Store an approved request, as three more requests would."""
        place = (self.caller, "default", "gated", ByNumber(number), "Production")
        digest, at = str(self.promotions.judge(*place).digest), self.clock.now()
        approval = Approval(
            id=f"{at.timestamp()}-{number}",
            namespace="default",
            model="gated",
            number=number,
            from_stage="Staging",
            to_stage="Production",
            author=self.caller.principal.name,
            requested_by=self.caller.principal.name,
            requested_at=at,
            digest=digest,
            expires_at=at + timedelta(days=1),
            decisions=(
                Decision(
                    by="subject:bench:other",
                    roles=("approver",),
                    verdict=Verdict.APPROVE,
                    digest=digest,
                    at=at,
                ),
            ),
            updated_at=at,
            updated_by=self.caller.principal.name,
        )

        def work(stores: Stores) -> None:
            stores.approvals.insert(approval)
            stores.events.add(event_of(self.caller, "approval.requested", at=at, after=approval))

        self.database.transaction(work)

    def run(self, count: int) -> tuple[int, list[tuple[str, int]], list[float]]:
        """Reads before the transaction at most, commands in one, and how long each took."""
        reads, within, times = 0, Counter[str](), []
        for turn in range(count):
            number = turn % 2 + 1
            if turn > 1:  # what makes room is in Staging again, and its approval is used
                self.approve(number)
            self.listener.commands.clear()
            begun = time.perf_counter()
            self.promote(number, "Production")
            times.append(time.perf_counter() - begun)
            commands = self.listener.commands
            reads = max(reads, sum(not is_within for _, is_within in commands))
            within = Counter(name for name, is_within in commands if is_within)
        return reads, sorted(within.items()), times
