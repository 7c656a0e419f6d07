"""What the registry needs of the world, as protocols; `core/adapters` has the implementations.

Stores return None for what is not there; deciding what that means is the use case's business.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from core.domain.access import Grant, Principal
from core.domain.claims import Claim
from core.domain.events import Event, SubjectKind
from core.domain.facets import Facet
from core.domain.files import File
from core.domain.models import RegisteredModel
from core.domain.namespaces import Namespace
from core.domain.orders import Order, Position
from core.domain.retention import Shown
from core.domain.search import Path, Tree
from core.domain.semantic_versions import SemanticVersion
from core.domain.subjects import Subject
from core.domain.versions import ModelVersion, VersionReference

T = TypeVar("T")
S = TypeVar("S", covariant=True)


class Clock(Protocol):
    """The time, in UTC, cut to milliseconds: what the database and every client can hold."""

    def now(self) -> datetime: ...


class TokenVerifier(Protocol):
    """Turns a bearer token into the principal that a trusted issuer vouches for."""

    def verify(self, token: str) -> Principal:
        """Raise `Unauthenticated` for any token that is not good; `Unavailable` if the issuer's
        keys cannot be had and none are cached."""
        ...


class Searched(Protocol[S]):
    """What can be searched. Trees, orders and paths are bound to the noun (`core.domain.fields`);
    `core.domain.matching` says what they mean. Namespaces are named always, 1 000 at most.

    A search that takes too long raises `Unavailable`.
    """

    def search(
        self,
        namespaces: Collection[str],
        tree: Tree | None,
        *,
        orders: Sequence[Order],
        after: Position | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[S]:
        """What the tree matches in these namespaces, in order, behind the position."""
        ...

    def facets(
        self,
        namespaces: Collection[str],
        tree: Tree | None,
        paths: Sequence[Path],
        *,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[Facet]:
        """For each path the most frequent values among the matches, with their counts."""
        ...


class NamespaceStore(Protocol):
    """Namespaces by name."""

    def get(self, name: str) -> Namespace | None: ...

    def page(
        self, *, among: Collection[str] | None, after: str | None, limit: int
    ) -> Sequence[Namespace]:
        """By name, ascending; of `among` only, unless that is None."""
        ...

    def insert(self, namespace: Namespace) -> None:
        """Raise `Taken` if the name is in use."""
        ...

    def replace(self, namespace: Namespace) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it."""
        ...


class ModelStore(Searched[RegisteredModel], Protocol):
    """Registered models by namespace and name."""

    def get(self, namespace: str, name: str) -> RegisteredModel | None:
        """However it is kept: of what was deleted, name and numbering stay."""
        ...

    def page(
        self,
        namespace: str,
        *,
        after: str | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[RegisteredModel]:
        """By name, ascending (by code point of `name_key`, the order every adapter shares);
        `after` is a name."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[RegisteredModel]:
        """Deleted ones whose `purge_at` is before `at`, oldest first."""
        ...

    def insert(self, model: RegisteredModel) -> None:
        """Raise `Taken` if the name, or one that looks like it (`name_key`), is in use."""
        ...

    def replace(self, model: RegisteredModel) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it."""
        ...


class VersionStore(Searched[ModelVersion], Protocol):
    """Model versions by model and reference."""

    def find(self, namespace: str, model: str, reference: VersionReference) -> ModelVersion | None:
        """One query, whichever way the version is named. None if it is deleted or withdrawn;
        `Latest` passes over archived ones."""
        ...

    def get(self, namespace: str, model: str, number: int) -> ModelVersion | None:
        """By number, however it is kept."""
        ...

    def at_prefix(self, key_prefix: str) -> ModelVersion | None:
        """The version whose files lie under this prefix of the object store."""
        ...

    def pending(self, namespace: str, model: str, digest: str) -> Sequence[ModelVersion]:
        """Versions still waiting for exactly these files, newest first, at most ten."""
        ...

    def bearing(self, namespace: str, model: str, version: SemanticVersion) -> ModelVersion | None:
        """The version with this semantic version, however it is kept: none is used again."""
        ...

    def trained(
        self, namespace: str, model: str, fingerprint: str, digest: str | None
    ) -> Sequence[ModelVersion]:
        """Ready versions of this training with exactly these files, newest first, at most ten."""
        ...

    def highest(
        self, namespace: str, model: str, *, below: SemanticVersion | None = None
    ) -> ModelVersion | None:
        """The version with the highest semantic version, whatever its state: of all of them, or
        of those whose precedence is lower than that of `below`."""
        ...

    def page(
        self,
        namespace: str,
        model: str,
        *,
        before: int | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[ModelVersion]:
        """By number, descending."""
        ...

    def withdraw(self, namespace: str, model: str) -> None:
        """Put all versions of the model out of reach, with the model and without events of their
        own: `find`, `pending`, `expired` and lists do not see them. They are as they were."""
        ...

    def readmit(self, namespace: str, model: str) -> None:
        """Undo `withdraw`."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        """Deleted ones whose `purge_at` is before `at`, oldest first."""
        ...

    def expired(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        """Versions that are not ready and have an `upload_expires_at` before `at`, oldest first:
        pending ones whose upload ran out, abandoned ones whose bytes are not removed yet."""
        ...

    def insert(self, version: ModelVersion) -> None:
        """Raise `Taken` if the number is in use."""
        ...

    def replace(self, version: ModelVersion) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it."""
        ...


class FileStore(Protocol):
    """The declared files of versions. Their transfer is bookkeeping and needs no events."""

    def get(self, version_id: int, path: str) -> File | None: ...

    def page(
        self, version_id: int, *, after: str | None, limit: int, missing_only: bool = False
    ) -> Sequence[File]:
        """By path, ascending by code point."""
        ...

    def twins(self, namespace: str, digests: Collection[str]) -> Mapping[str, File]:
        """A received file of the namespace for each of these SHA-256 digests that has one."""
        ...

    def insert(self, files: Iterable[File]) -> None: ...

    def remove(self, version_id: int, paths: Collection[str]) -> None:
        """Forget these files of a version that is being purged."""
        ...

    def begin(self, file: File, multipart_id: str) -> bool:
        """Note the store's multipart upload; False if the file has one already or is received."""
        ...

    def receive(self, file: File, at: datetime) -> bool:
        """Mark it received, clearing its problem and multipart upload; False if it already was."""
        ...

    def refuse(self, file: File, problem: str) -> None:
        """Note why bytes that arrived were refused, and forget the multipart upload they came
        by: the file is missing still. A received file is left alone."""
        ...


class GrantStore(Protocol):
    """Grants by scope and grantee; a grantee has one role in a scope."""

    def reaching(self, grantees: Collection[str]) -> Sequence[Grant]:
        """Every grant to any of these names, in all scopes."""
        ...

    def get(self, scope: str, grantee: str) -> Grant | None: ...

    def page(self, scope: str, *, after: str | None, limit: int) -> Sequence[Grant]:
        """By grantee, ascending."""
        ...

    def put(self, grant: Grant) -> None:
        """Give the role, in place of the one that this grantee had in this scope."""
        ...

    def remove(self, scope: str, grantee: str) -> None: ...


class EventStore(Protocol):
    """Events: added once, never changed."""

    def add(self, event: Event) -> None:
        """Events are stored when the transaction ends, which raises `Taken` for an id in use."""
        ...

    def page(
        self,
        namespace: str,
        *,
        kind: SubjectKind | None = None,
        subject: str | None = None,
        before: str | None,
        limit: int,
    ) -> Sequence[Event]:
        """By id, newest first; of one subject if `kind` and `subject` are given."""
        ...

    def last(self, subject: Subject, *, at: datetime | None = None) -> Event | None:
        """The newest event of the subject up to and including the moment `at`, if that is given:
        what was true then, in one query."""
        ...

    def last_of_each(self, subjects: Sequence[Subject], *, at: datetime) -> Sequence[Event]:
        """The same for several subjects of one kind, in any order; one query."""
        ...

    def last_in(
        self, namespace: str, kind: SubjectKind, *, at: datetime, after: str | None, limit: int
    ) -> Sequence[Event]:
        """The same for every subject of a kind that was there at the moment (its last event has
        an `after`), by subject, ascending."""
        ...


class ClaimStore(Protocol):
    """Used idempotency keys. An expired one may be there still, and may be gone."""

    def get(self, claim_id: str) -> Claim | None: ...

    def put(self, claim: Claim) -> None:
        """Note it, in place of an expired one of the same id. In transactions only, but it is no
        entity: it needs no event of its own."""
        ...


class Stores(Protocol):
    """All the collections, as one consistent view."""

    namespaces: NamespaceStore
    models: ModelStore
    versions: VersionStore
    files: FileStore
    grants: GrantStore
    events: EventStore
    claims: ClaimStore


class Database(Stores, Protocol):
    """The collections outside a transaction, for single reads; and transactions over them.

    Every method of it and of its stores raises `Unavailable` while the database does not answer.
    """

    def transaction(self, work: Callable[[Stores], T]) -> T:
        """Run `work` on a snapshot and commit all it wrote, or nothing if it raises.

        `work` may run several times: it must do nothing but read and write its stores, and let
        their errors pass: `Taken` and `Stale` end the transaction. Entities change in transactions
        only, and one is refused (`AssertionError`) unless every entity that it changes has an
        event of its own, of the same revision, that holds its whole record (`Ledger.check`).
        """
        ...

    def next_id(self, noun: str) -> int:
        """A decimal id never given out before for this noun, ascending from 1."""
        ...

    def ping(self) -> None:
        """Return if the database answers; raise `Unavailable` if not."""
        ...


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that the object store will honour without further credentials until it expires.

    The client must send `headers` exactly: they are part of what was signed.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One received part of an open multipart upload. `sha256` is hex, None if unknown."""

    number: int
    size_bytes: int
    etag: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Blob:
    """What the store says of an object, None where it does not say.

    `sha256` is the hex digest of the whole, `parts_sha256` the one over its parts' digests
    (`FileDeclaration.parts_sha256`).
    """

    key: str
    size_bytes: int
    sha256: str | None
    parts_sha256: str | None


class BlobStore(Protocol):
    """An S3-compatible bucket. Keys are relative to it.

    Every method but the signing ones, which ask nobody, raises `Unavailable` while the store
    does not answer.
    """

    proves_sha256: bool
    """Whether the store verifies SHA-256 checksums on arrival. If not, every file is sent by
    multipart (whose URLs die with its completion) and read back once."""

    def sign_get(self, key: str, *, filename: str) -> SignedRequest:
        """A GET (ranges allowed) that answers as an attachment named `filename`."""
        ...

    def sign_put(self, key: str, *, sha256: str) -> SignedRequest:
        """A PUT of the whole object, good only for bytes with this digest (hex)."""
        ...

    def sign_part(
        self, key: str, multipart_id: str, number: int, *, sha256: str | None
    ) -> SignedRequest:
        """A PUT of one part (from 1), good only for bytes with this digest (hex) if given."""
        ...

    def start(self, key: str) -> str:
        """Open a multipart upload and return its id."""
        ...

    def parts(self, key: str, multipart_id: str) -> Sequence[Part] | None:
        """The parts received so far, by number; None if there is no such upload any more."""
        ...

    def finish(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        """Make the object of its parts. Raise `Conflict` if the store refuses them or the upload
        is gone."""
        ...

    def abort(self, key: str, multipart_id: str) -> None:
        """Drop an open multipart upload; nothing happens if there is none."""
        ...

    def stat(self, key: str) -> Blob | None:
        """What the store has under the key; None if nothing."""
        ...

    def sha256(self, key: str) -> str:
        """Read the object once, in bounded memory, and return its hex digest. Raise `NotFound`
        if there is none."""
        ...

    def copy(self, source: str, key: str) -> bool:
        """Copy within the bucket, on the store's side, whatever the size; False if there is no
        such source."""
        ...

    def remove(self, key: str) -> None:
        """Delete the object; nothing happens if there is none."""
        ...

    def ping(self) -> None:
        """Return if the bucket answers; raise `Unavailable` if not."""
        ...
