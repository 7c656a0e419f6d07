"""Writes the table of what the tests cover: `python -m tests.dialects.kubeflow.coverage`."""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests import parts
from tests.dialects.kubeflow.cases import GENERATIONS, PREFIX, Operation, case_of, operations

PAGE = Path(__file__).resolve().parents[3] / "docs/guide/kubeflow-coverage.md"
HEAD = """# What the tests of Kubeflow's dialect cover

Written by `python -m tests.dialects.kubeflow.coverage`; a test fails while it is stale. Every
operation of the contract is asked by plain REST (`tests/dialects/kubeflow/cases.py`), once so that
it is answered and once so that it is refused; and by the genuine client of the generation against
a running registry (`flow.py` there): by the method that its generated class
`ModelRegistryServiceApi` has for it, and by the methods of `ModelRegistry` and
`ModelRegistryAPIClient` that are named here.
"""
TITLES = {"v1": "client 0.3.18", "v1alpha3": "client 0.3.14"}
Sent = Mapping[str, Iterable[Sequence[str]]]
"""For each generation: method of the client, method of the request, path."""


def page(sent: Sent) -> str:
    """The page that tells of these requests."""
    return HEAD + "".join(_table(generation, sent[generation]) for generation in GENERATIONS)


def _table(generation: str, sent: Iterable[Sequence[str]]) -> str:
    mine = [each for each in operations() if each.generation == generation]
    used = _used(mine, sent)
    rows = [
        f"\n## `{PREFIX}/{generation}` ({TITLES[generation]}, {len(mine)} operations)\n",
        "| operation | answered | refused | generated | methods of the client |",
        "|---|--:|--:|---|---|",
    ]
    for each in mine:
        statuses = (case_of(each, good=True).status, case_of(each, good=False).status)
        methods = used[each.id]
        generated = "yes" if f"ModelRegistryServiceApi.{_snake(each.id)}" in methods else "**no**"
        named = ", ".join(
            f"`{name.removeprefix('ModelRegistry.')}`"
            for name in sorted(methods)
            if not name.endswith(".async_runner")  # which runs all the others
            and not name.startswith("ModelRegistryServiceApi.")
        )
        place = f"`{each.method} {each.path}`"
        rows.append(f"| {place} | {statuses[0]} | {statuses[1]} | {generated} | {named} |")
    return "\n".join(rows) + "\n"


def _used(mine: Sequence[Operation], sent: Iterable[Sequence[str]]) -> dict[str, set[str]]:
    """The methods of the client that sent each operation. Of those that fit a path the one with
    the fewest ids in it has it."""
    used: dict[str, set[str]] = defaultdict(set)
    by_few_ids = sorted(mine, key=lambda each: each.path.count("{"))
    for name, method, path in sent:
        inner = path.split(f"{PREFIX}/")[1].partition("/")
        place = "/" + inner[2]
        found = (
            each for each in by_few_ids if each.method == method and each.pattern.fullmatch(place)
        )
        used[next(found).id].add(name)
    return used


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def main() -> None:
    """Let both clients work, and write the page."""
    from tests.dialects.kubeflow.test_clients import worked

    folder = Path(tempfile.mkdtemp())
    with parts.object_store(folder) as store, parts.bucket_of(store) as bucket:
        sent = {each: worked(each, store, bucket)[1]["sent"] for each in GENERATIONS}
    PAGE.write_text(page(sent), encoding="utf-8")


if __name__ == "__main__":
    main()
