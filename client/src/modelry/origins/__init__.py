"""Registries of other makers, as something to move from: what they keep, in this client's terms.

Each is read by the API that its own clients use, with the caller's rights there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from modelry.errors import Invalid
from modelry.network import Network, check_url
from modelry.retries import RetryPolicy
from modelry.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What every object has. `id` is what the origin calls it by, `said` what its people wrote:
    fields of this registry's objects, by their names."""

    id: str
    name: str
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginModel(Kept):
    """A registered model; `aliases` lead to the ids of versions."""

    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginVersion(Kept):
    """A version. `number` is None where versions have names alone; `run` is the id of the run that
    it came from, `uri` where its bytes lie, `stage` the one it is in."""

    number: int | None = None
    run: str | None = None
    uri: str | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRun(Kept):
    """A run. `metrics` are the names of its metrics; `ending` is how it ended: fields of a run."""

    parent: str | None = None
    started_at: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    inputs: tuple[Mapping[str, Any], ...] = ()
    ending: Mapping[str, Any] = field(default_factory=dict)


class Origin(Protocol):
    """A registry to move from. Every method raises `NotFound`, `Forbidden`, `Unavailable`."""

    @property
    def address(self) -> str:
        """What it is called in what was moved from it, such as `mlflow:models.example.org`."""
        ...

    def models(self) -> Iterator[OriginModel]:
        """All registered models."""
        ...

    def versions(self, model: OriginModel) -> Iterator[OriginVersion]:
        """The versions of a model, the oldest first."""
        ...

    def experiments(self) -> Iterator[Kept]:
        """All experiments; none where the origin has no such thing."""
        ...

    def runs(self, experiment: Kept) -> Iterator[OriginRun]:
        """The runs of an experiment, parents before their children."""
        ...

    def points(self, run: OriginRun) -> Iterator[Mapping[str, Any]]:
        """Every value of every metric, as `log_metrics` takes them."""
        ...

    def files(self, version: OriginVersion) -> Source | None:
        """The bytes of a version; None if it has none. Raises `Invalid` for bytes that only the
        origin's own machine can reach."""
        ...

    def run_files(self, run: OriginRun) -> Source | None:
        """The artifacts of a run; None if the origin keeps none."""
        ...


KINDS = ("mlflow", "kubeflow")


def open_origin(
    kind: str, url: str, network: Network, retries: RetryPolicy, environment: Mapping[str, str]
) -> Origin:
    """The registry of this kind at a URL. Raises `Invalid` for a kind or an address that it
    cannot be."""
    where = check_url(url, f"a {kind} registry")
    if kind == "mlflow":
        from modelry.origins.mlflow import MlflowOrigin

        return MlflowOrigin.open(where, network, retries, environment)
    if kind == "kubeflow":
        from modelry.origins.kubeflow import KubeflowOrigin

        return KubeflowOrigin.open(where, network, retries, environment)
    raise Invalid(f"{kind!r} is no kind of registry.", next_step=f"One of: {', '.join(KINDS)}.")
