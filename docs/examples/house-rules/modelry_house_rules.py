"""What one company asks of its models, beyond what Modelry itself can be told to ask."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import pluggy

hook = pluggy.HookimplMarker("modelry")

PICKLES = (".pkl", ".pickle", ".joblib")
TICKET = re.compile(r"\b[A-Z]{2,10}-[0-9]+\b")

_log = logging.getLogger("house_rules")


@hook
def before_upload_declared(event, files):
    """Pickles run code when they are loaded: only the namespace `sandbox` takes them."""
    found = [file.path for file in files if file.path.endswith(PICKLES)]
    if found and event.namespace != "sandbox":
        return f"{found[0]} is a pickle; save it as safetensors, ONNX or skops"
    return None


@hook
def before_alias_moved(event):
    """Whoever takes away `champion` says under which ticket."""
    if event.after is None and event.before["alias"] == "champion":
        return None if TICKET.search(event.reason) else "give a ticket as the reason"
    return None


@hook
def after_stage_promoted(event):
    """One line in the log for whoever watches it."""
    _log.info("%s is now in %s, by %s", event.subject, event.after["stage"], event.actor)


@hook
def gate_hooks():
    """Gates can say {"rule": "hook", "name": "change-ticket", "settings": {"queue": "ML"}}."""
    return {"change-ticket": change_ticket}


def change_ticket(settings: Mapping[str, Any], facts: Any) -> str | None:
    """The version names a ticket of the queue in its tag `ticket`."""
    ticket = facts.version.tags.get("ticket", "")
    if ticket.startswith(f"{settings['queue']}-") and TICKET.fullmatch(ticket):
        return None
    return f"tag the version with a ticket of {settings['queue']}, such as {settings['queue']}-12"
