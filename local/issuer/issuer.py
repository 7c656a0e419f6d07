"""What the issuer vouches for: the claims of its tokens, signed."""

import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from local.issuer.keys import SigningKeys
from local.issuer.people import DEVICE_CODE, PEOPLE, SCOPES, Client, Person

AUDIENCE = "modelry"
PERSON_TOKEN_SECONDS = 3600
CLIENT_TOKEN_SECONDS = 12 * 3600


class Issuer:
    """An OpenID Connect issuer at `url`; tests mint from it in-process, the server serves it."""

    def __init__(
        self,
        url: str,
        *,
        keys: SigningKeys | None = None,
        people: Iterable[Person] = PEOPLE,
        clients: Iterable[Client] = (),
        audience: str = AUDIENCE,
    ) -> None:
        self.url = url.rstrip("/")
        self.keys = keys or SigningKeys()
        self.people = {person.subject: person for person in people}
        self.clients = {client.client_id: client for client in clients}
        self.audience = audience

    def mint(
        self,
        claims: Mapping[str, Any],
        *,
        key: RSAKey | None = None,
        header: Mapping[str, Any] | None = None,
    ) -> str:
        """Sign an access token (RFC 9068) with these claims over the usual ones.

        A claim or header field given as None is left out; `key` signs in place of the current one.
        """
        key = key or self.keys.current
        now = int(time.time())
        payload = {
            "iss": self.url,
            "aud": self.audience,
            "iat": now,
            "exp": now + PERSON_TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
            **claims,
        }
        top = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid, **(header or {})}
        return jwt.encode(
            {name: value for name, value in top.items() if value is not None},
            {name: value for name, value in payload.items() if value is not None},
            key,
        )

    def token_for(self, subject: str, *groups: str, **claims: Any) -> str:
        """An access token for somebody, known to this issuer or not, in these groups."""
        return self.mint({"sub": subject, "groups": list(groups), **claims})

    def access_token(self, client: Client, grant_type: str, user: Person | None, scope: str) -> str:
        """The access token of a grant: about the person, or the client where there is none."""
        about: dict[str, Any] = (
            {"sub": user.subject, **user.claims}
            if user
            else {"sub": client.client_id, "groups": list(client.groups)}
        )
        lifetime = self.lifetime_seconds(client, grant_type)
        granted = {"client_id": client.client_id, "scope": scope or None}
        return self.mint({**about, **granted, "exp": int(time.time()) + lifetime})

    def lifetime_seconds(self, client: Client, grant_type: str) -> int:
        """How long the access tokens of a grant are good for."""
        return CLIENT_TOKEN_SECONDS if grant_type == "client_credentials" else PERSON_TOKEN_SECONDS

    def discovery(self) -> dict[str, Any]:
        """The provider's metadata (OpenID Connect Discovery 1.0, RFC 8414)."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "device_authorization_endpoint": f"{self.url}/device_authorization",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "grant_types_supported": [
                "authorization_code",
                "client_credentials",
                "refresh_token",
                DEVICE_CODE,
            ],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
                "none",
            ],
            "scopes_supported": list(SCOPES),
            "claims_supported": ["sub", "name", "email", "groups"],
        }
