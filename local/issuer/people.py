"""Who can sign in: made-up people for sign-in pages, and clients for programs."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from authlib.oauth2.rfc6749 import ClientMixin, list_to_scope, scope_to_list

from local.issuer.keys import write_secret

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPES = ("openid", "profile", "email")
CLI = "modelry-cli"
SHORT_NAME = "dev"
"""How grants and events call this issuer, whatever its address: `group:dev:admins`."""
GROUPS = {
    "admin": "admins",
    "auditor": "auditors",
    "reader": "readers",
    "writer": "writers",
    "approver": "approvers",
    "owner": "owners",
}
"""The group whose members have each role once the registry's first start has granted it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can press their button on the sign-in page."""

    subject: str
    groups: tuple[str, ...]

    def get_user_id(self) -> str:
        return self.subject

    @property
    def claims(self) -> dict[str, object]:
        """What tokens say of this person besides `sub`."""
        return {
            "name": self.subject.title(),
            "email": f"{self.subject}@example.org",
            "groups": list(self.groups),
        }


PEOPLE = (
    Person("alice", ("admins",)),
    Person("bob", ("readers",)),
    Person("carol", ("writers",)),
    Person("dave", ("approvers",)),
    Person("erin", ("owners",)),
    Person("frank", ("auditors",)),
    Person("mallory", ()),
)


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """A program known to the issuer: public (no secret, PKCE or device code) or confidential.

    `groups` is what a confidential client's own tokens say of it.
    """

    client_id: str
    grants: tuple[str, ...]
    secret: str = ""
    groups: tuple[str, ...] = ()

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str:
        return list_to_scope([name for name in scope_to_list(scope or "") if name in SCOPES])

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Any port of the loopback interface (RFC 8252, section 7.3), and nothing else."""
        host, _, rest = redirect_uri.removeprefix("http://").partition(":")
        port = rest.split("/", 1)[0]
        return (
            redirect_uri.startswith("http://")
            and host in {"127.0.0.1", "localhost"}
            and port.isascii()
            and port.isdigit()
        )

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and secrets.compare_digest(
            self.secret.encode(), client_secret.encode()
        )

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        if self.secret:
            return method in {"client_secret_basic", "client_secret_post"}
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and self.check_grant_type("authorization_code")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grants


def role_client_id(role: str) -> str:
    """The confidential client that stands for a role, and the `sub` of its tokens."""
    return f"dev-{role}"


def clients(secret_of: Mapping[str, str]) -> tuple[Client, ...]:
    """The command line's public client, and one confidential client for each role."""
    cli = Client(CLI, ("authorization_code", "refresh_token", DEVICE_CODE))
    by_role = [
        Client(role_client_id(role), ("client_credentials",), secret_of[role], (group,))
        for role, group in GROUPS.items()
    ]
    return (cli, *by_role)


def secrets_kept_in(path: Path) -> dict[str, str]:
    """The role clients' secrets by role, of that file (mode 0600), made on first use."""
    kept: dict[str, str] = {}
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
    missing = [role for role in GROUPS if role not in kept]
    if missing:
        kept.update({role: secrets.token_urlsafe(32) for role in missing})
        write_secret(path, json.dumps(kept))
    return kept
