"""`python -m local.issuer PORT FOLDER`: serve the issuer whose keys and secrets lie in FOLDER."""

import sys
from pathlib import Path

import uvicorn

from local.issuer.app import create_app
from local.issuer.issuer import Issuer
from local.issuer.keys import SigningKeys
from local.issuer.people import clients, secrets_kept_in


def main() -> None:
    """Serve until the process is ended."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    issuer = Issuer(
        f"http://127.0.0.1:{port}",
        keys=SigningKeys.kept_in(folder / "keys.json"),
        clients=clients(secrets_kept_in(folder / "clients.json")),
    )
    uvicorn.run(create_app(issuer), host="127.0.0.1", port=port, log_level="info")


if __name__ == "__main__":
    main()
