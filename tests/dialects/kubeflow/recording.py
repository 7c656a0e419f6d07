"""Which requests Kubeflow's client sends, and for which of its public methods; beside the scripts
that an interpreter runs which has the client. It changes nothing of what the client does."""

import inspect
import sys
from typing import Any
from urllib.parse import urlsplit

import mr_openapi.rest
from model_registry import ModelRegistry
from model_registry.core import ModelRegistryAPIClient
from mr_openapi import ModelRegistryServiceApi

CLASSES = [ModelRegistry, ModelRegistryAPIClient, ModelRegistryServiceApi]
VARIANTS = ("_with_http_info", "_without_preload_content")
"""What the generated class has besides each operation, for the same request."""

SENDS_NOTHING = {
    "ModelRegistry.hint_server_address_port",
    "ModelRegistry.save_to_s3",
    "ModelRegistryAPIClient.get_client",
    "ModelRegistryAPIClient.insecure_connection",
    "ModelRegistryAPIClient.secure_connection",
    *(f"ActiveExperimentRun.{name}" for name in ("get_log", "get_logs")),
    *(f"ActiveExperimentRun.log_{name}" for name in ("dataset", "metric", "param")),
}
"""Methods that send nothing to the registry: what was logged is sent when the run ends. The flow
calls them all the same."""

try:
    from model_registry._experiments import ActiveExperimentRun
except ImportError:  # the second generation has none
    pass
else:
    CLASSES.append(ActiveExperimentRun)


def public_methods() -> list[str]:
    """Every method that the client offers, as `Class.method`."""
    return sorted(
        f"{each.__name__}.{name}"
        for each in CLASSES
        for name, _ in inspect.getmembers(each, callable)
        if not name.startswith("_") and not name.endswith(VARIANTS)
    )


class Recorder:
    """Notes each request with the public methods that it was sent for."""

    def __init__(self) -> None:
        self.sent: set[tuple[str, str, str]] = set()
        """Method of the client, method of the request, path."""
        self._names = set(public_methods())

    def start(self) -> None:
        """Note all from now on."""
        send = mr_openapi.rest.RESTClientObject.request

        async def request(client: Any, method: str, url: str, *rest: Any, **more: Any) -> Any:
            path = urlsplit(url).path
            self.sent |= {(name, method, path) for name in self._callers()}
            return await send(client, method, url, *rest, **more)

        mr_openapi.rest.RESTClientObject.request = request

    def never(self) -> list[str]:
        """The public methods that nothing was sent for, but for those that never send anything."""
        return sorted(self._names - {name for name, _, _ in self.sent} - SENDS_NOTHING)

    def _callers(self) -> set[str]:
        """The public methods that are being executed."""
        names = set()
        frame = sys._getframe(2)
        while frame is not None:
            names.add(self._name(frame))
            frame = frame.f_back
        return names & self._names

    @staticmethod
    def _name(frame: Any) -> str:
        """`Class.method`, also of what is defined within it, as the client's pages are."""
        name = ".".join(frame.f_code.co_qualname.split(".")[:2])
        for variant in VARIANTS:
            name = name.removesuffix(variant)
        return name
