"""Commands about who asks: login, logout, whoami."""

import contextlib
import os

import click

from modelry.cli.running import addressed, print_fields, print_json, print_table
from modelry.client import Modelry
from modelry.credentials import Credentials
from modelry.discovery import TrustedIssuer
from modelry.errors import ModelryError
from modelry.login import DevicePrompt, SignIn
from modelry.network import Network
from modelry.retries import RetryPolicy
from modelry.session import registry_url


@click.command()
@click.argument("url", required=False)
@click.option("--url", "url_option", metavar="URL", help="The registry. [env: MODELRY_URL]")
@click.option("--issuer", "issuer_name", help="Which of the registry's issuers to sign in with.")
@click.option("--client-id", help="A client of the issuer, if not the registry's own.")
@click.option("--service", is_flag=True, help="Sign in as a service; its secret is read from"
              " MODELRY_CLIENT_SECRET or asked for.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, nothing else.")
def login(
    url: str | None,
    url_option: str | None,
    issuer_name: str | None,
    client_id: str | None,
    service: bool,
    as_json: bool,
) -> None:
    """Sign in to the registry at URL, which later commands then ask by default."""
    credentials = Credentials()
    address = registry_url(url or url_option, credentials)
    sign_in = SignIn(url=address, network=Network(), retries=RetryPolicy())
    issuer = sign_in.issuer(issuer_name or os.environ.get("MODELRY_ISSUER"))
    if service:
        stored = sign_in.by_secret(issuer, *_service(client_id, issuer))
    else:
        stored = sign_in.by_device(issuer, _show, client_id=client_id or "")
    with Modelry(address, stored.access_token) as registry:
        identity = registry.whoami()
    credentials.put(address, stored, default=True)
    if as_json:
        print_json({"url": address, **identity.raw})
    else:
        click.echo(f"Signed in to {address} as {identity.principal}.", err=True)


@click.command()
@click.option("--url", metavar="URL", help="The registry. [env: MODELRY_URL]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, nothing else.")
def logout(url: str | None, as_json: bool) -> None:
    """Forget the sign-in, here and at the issuer."""
    credentials = Credentials()
    address = registry_url(url, credentials)
    stored = credentials.remove(address)
    if stored and stored.issuer:
        sign_in = SignIn(url=address, network=Network(), retries=RetryPolicy(attempts=2))
        with contextlib.suppress(ModelryError):
            sign_in.revoke(stored)
    if as_json:
        print_json({"url": address, "signed_out": stored is not None})
    else:
        click.echo(f"{'Signed out of' if stored else 'Not signed in to'} {address}.", err=True)


@click.command()
@addressed
def whoami(registry: Modelry, as_json: bool) -> None:
    """Print who the registry takes you for."""
    identity = registry.whoami()
    if as_json:
        print_json(identity.raw)
        return
    limit = identity.raw.get("token")
    print_fields(
        {
            "registry": registry.url,
            "principal": identity.principal,
            "groups": ", ".join(identity.groups),
            "token": limit
            and f"{limit['name']}, {limit['role'] or 'any role'} in {limit['scope']}",
        }
    )
    click.echo()
    print_table(
        ("MAY", "WHERE", "BY", "UNTIL"),
        [
            (
                rule["role"] or "some actions",
                rule["scope"],
                f"{rule['origin']} {rule['name']}",
                rule["expires_at"],
            )
            for rule in identity.raw.get("rules", [])
        ],
    )


def _show(prompt: DevicePrompt) -> None:
    click.echo(f"Open {prompt.complete_address or prompt.address}", err=True)
    click.echo(f"and confirm the code {prompt.code}. Waiting …", err=True)


def _service(client_id: str | None, issuer: TrustedIssuer) -> tuple[str, str]:
    chosen = client_id or os.environ.get("MODELRY_CLIENT_ID")
    if not chosen:
        raise click.UsageError("Name the service with --client-id or MODELRY_CLIENT_ID.")
    secret = os.environ.get("MODELRY_CLIENT_SECRET") or click.prompt(
        f"Secret of {chosen} at {issuer.name}", hide_input=True, err=True
    )
    return chosen, secret


COMMANDS = (login, logout, whoami)
