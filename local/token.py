"""`python -m local.token ROLE`: print a token of the registry that runs with DATA_DIR."""

import base64
import http.client
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from local.issuer.people import GROUPS, role_client_id, secrets_kept_in
from local.state import Home


class NoToken(Exception):
    """There is nobody to ask; the message says what to do."""


def token_of(home: Home, role: str) -> str:
    """An access token, good for twelve hours, of the client that stands for the role.

    Raises `NoToken` if there is no such role, or no registry runs there.
    """
    if role not in GROUPS:
        raise NoToken(f"There is no role {role!r}. Choose one of: {', '.join(GROUPS)}.")
    addresses = home.addresses()
    if addresses is None:
        raise NoToken(f"No registry is running with DATA_DIR={home.folder}. Start one: make run")
    secret = secrets_kept_in(home.issuer / "clients.json")[role]
    credentials = base64.b64encode(f"{role_client_id(role)}:{secret}".encode()).decode()
    connection = http.client.HTTPConnection(urlsplit(addresses["issuer"]).netloc, timeout=10)
    try:
        connection.request(
            "POST",
            "/token",
            "grant_type=client_credentials",
            {
                "Authorization": f"Basic {credentials}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoToken(f"The issuer at {addresses['issuer']} does not answer: {error}") from None
    finally:
        connection.close()
    if "access_token" not in answer:
        raise NoToken(f"The issuer at {addresses['issuer']} refused: {answer}")
    return str(answer["access_token"])


def main() -> int:
    """Print the token, or why there is none; return the exit status."""
    home = Home(Path(os.environ.get("DATA_DIR") or ".modelry").resolve())
    try:
        print(token_of(home, sys.argv[1] if len(sys.argv) > 1 else "admin"))
    except NoToken as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
