"""The operators' commands: `python -m handlers.admin COMMAND`, with the functions' settings."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from core import bootstrap
from core.domain.access import system_caller
from core.domain.backups import Backup, Chunk
from core.domain.consistency import Finding
from core.errors import RegistryError
from core.registry import Registry
from core.settings import Settings

OPERATOR = system_caller("operator")
_PAGE = 1_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; 1 if something is wrong, 2 if it could not be done."""
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.run(bootstrap.configured(os.environ), asked))
    except RegistryError as error:
        print(f"{error.message}\n{error.next_step or ''}".rstrip(), file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m handlers.admin", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    prepare = commands.add_parser("prepare", help="create indexes and counters that are lacking")
    prepare.set_defaults(run=_prepare)
    check = commands.add_parser("check", help="compare the database with the object store")
    check.set_defaults(run=_check)
    clean = commands.add_parser("clean", help="remove objects that nothing refers to")
    clean.add_argument("--older-than-days", type=_days, default=timedelta(days=7), metavar="DAYS")
    clean.add_argument("--yes", action="store_true", help="remove them; without, only say which")
    clean.set_defaults(run=_clean)
    for command in (check, clean):
        command.add_argument("namespaces", nargs="*", help="all, if none is named")
    write = commands.add_parser("backup", help="write every document to a bucket")
    write.set_defaults(run=_write)
    listing = commands.add_parser("backups", help="list the backups in a bucket")
    listing.set_defaults(run=_list)
    restore = commands.add_parser("restore", help="bring a backup back into an empty database")
    restore.add_argument("name")
    restore.set_defaults(run=_restore)
    for command in (write, listing, restore):
        command.add_argument("--bucket", default="", help="another one than the artifacts'")
    return parser


def _days(text: str) -> timedelta:
    days = float(text)
    if not 0 < days < 36_500:
        raise argparse.ArgumentTypeError("from some to 36 500 days")
    return timedelta(days=days)


def _prepare(settings: Settings, asked: argparse.Namespace) -> int:
    bootstrap.prepare(settings)
    print("Indexes and counters are there.")
    return 0


def _check(settings: Settings, asked: argparse.Namespace) -> int:
    registry = bootstrap.assemble(settings)
    return _said(
        finding
        for namespace in _namespaces(registry, asked.namespaces)
        for finding in registry.consistency.check(OPERATOR, namespace)
    )


def _clean(settings: Settings, asked: argparse.Namespace) -> int:
    registry = bootstrap.assemble(settings)
    _said(
        finding
        for namespace in _namespaces(registry, asked.namespaces)
        for finding in registry.consistency.clean(
            OPERATOR, namespace, older_than=asked.older_than_days, dry_run=not asked.yes
        )
    )
    print("They are removed." if asked.yes else "Nothing was removed; say --yes to do it.")
    return 0


def _namespaces(registry: Registry, named: Sequence[str]) -> Iterator[str]:
    if named:
        yield from named
        return
    after: str | None = None
    while page := registry.database.namespaces.page(among=None, after=after, limit=_PAGE):
        yield from (namespace.name for namespace in page)
        after = page[-1].name


def _said(findings: Iterator[Finding]) -> int:
    counts: Counter[str] = Counter()
    size = 0
    for each in findings:
        print(f"{each.fault:12} {each.size_bytes:>14,} B  {each.key}: {each.why}")
        counts[each.fault] += 1
        size += each.size_bytes
    total = ", ".join(f"{count} {fault}" for fault, count in counts.items())
    print(f"{total}; {size:,} bytes." if counts else "Nothing to say: they agree.")
    return 1 if counts else 0


def _write(settings: Settings, asked: argparse.Namespace) -> int:
    _done(bootstrap.backups(settings, asked.bucket).write(OPERATOR, _told), "written")
    return 0


def _list(settings: Settings, asked: argparse.Namespace) -> int:
    for backup in bootstrap.backups(settings, asked.bucket).page(OPERATOR):
        _done(backup, f"of {backup.database}")
    return 0


def _restore(settings: Settings, asked: argparse.Namespace) -> int:
    backup = bootstrap.backups(settings, asked.bucket).restore(OPERATOR, asked.name, _told)
    bootstrap.prepare(settings)
    _done(backup, "restored")
    return 0


def _told(chunk: Chunk) -> None:
    print(f"{chunk.name}: {chunk.documents:,} documents", file=sys.stderr)


def _done(backup: Backup, what: str) -> None:
    print(f"{backup.name} {what}: {backup.documents:,} documents, {backup.size_bytes:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
