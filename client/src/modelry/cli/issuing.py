"""Commands on access tokens and service accounts: token, service-account."""

from collections.abc import Iterable

import click

from modelry.access_tokens import AccessToken
from modelry.cli.running import addressed, print_json, print_table
from modelry.client import Modelry
from modelry.errors import NotSignedIn

_ROLES = ("reader", "writer", "approver", "owner", "admin", "auditor")

_SCOPE = click.option("--scope", help="A namespace, NAMESPACE/MODEL, or '*'.")
_ROLE = click.option("--role", type=click.Choice(_ROLES), help="At most this role.")
_DAYS = click.option("--days", type=int, help="For how long; 30 unless said.")
_REASON = click.option("--reason", help="Why, for the history.")


@click.group(invoke_without_command=True)
@click.option("--url", metavar="URL", help="The registry. [env: MODELRY_URL]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, nothing else.")
@click.pass_context
def token(context: click.Context, url: str | None, as_json: bool) -> None:
    """Print the token that is sent, for other programs: it is secret.

    With a command: make, list or revoke access tokens, for programs that cannot sign in.
    """
    if context.invoked_subcommand is not None:
        return
    with Modelry(url) as registry:
        text = registry.tokens.token()
        if not text:
            raise NotSignedIn(f"There is no token for {registry.url}.")
        if as_json:
            print_json({"url": registry.url, "token": text})
        else:
            click.echo(text)


@token.command("create")
@click.argument("name")
@_SCOPE
@_ROLE
@_DAYS
@_REASON
@addressed
def create_token(
    registry: Modelry,
    name: str,
    scope: str | None,
    role: str | None,
    days: int | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Make a token of yours called NAME, and print its text: it is shown this once."""
    _shown(registry.create_token(name, scope=scope, role=role, days=days, reason=reason), as_json)


@token.command("list")
@click.option("--owner", help="Whose, for administrators: subject:ISSUER:NAME.")
@addressed
def list_tokens(registry: Modelry, owner: str | None, as_json: bool) -> None:
    """List your tokens, without their texts."""
    _listed(registry.access_tokens(owner=owner), as_json)


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@_REASON
@addressed
def revoke_token(registry: Modelry, token_id: str, reason: str | None, as_json: bool) -> None:
    """End a token of yours at once."""
    registry.revoke_token(token_id, reason=reason)
    _ended(token_id, as_json)


@click.group("service-account")
def service_account() -> None:
    """Names for programs that no issuer knows, and their tokens."""


@service_account.command("create")
@click.argument("name")
@click.option("--description", help="What it is for.")
@_REASON
@addressed
def create_account(
    registry: Modelry, name: str, description: str | None, reason: str | None, as_json: bool
) -> None:
    """Create an account; what it may do is then granted to it like to anybody."""
    made = registry.create_service_account(name, description=description, reason=reason)
    if as_json:
        print_json(made.raw)
        return
    click.echo(f"Created {made.namespace}/{made.name}. Grant it something:", err=True)
    click.echo(f"  modelry access grant -n {made.namespace} {made.grantee} ROLE", err=True)


@service_account.command("list")
@addressed
def list_accounts(registry: Modelry, as_json: bool) -> None:
    """List the accounts of the namespace."""
    found = list(registry.service_accounts())
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [(each.name, each.grantee, each.description, each.created_by) for each in found]
    print_table(("NAME", "GRANTEE", "DESCRIPTION", "CREATED BY"), rows)


@service_account.command("delete")
@click.argument("name")
@_REASON
@addressed
def delete_account(registry: Modelry, name: str, reason: str | None, as_json: bool) -> None:
    """End an account and its tokens at once; its name is never used again."""
    registry.delete_service_account(name, reason=reason)
    if as_json:
        print_json({"name": name})
    else:
        click.echo(f"{name} and its tokens are ended.", err=True)


@service_account.group("token")
def account_token() -> None:
    """The tokens of an account, two at a time."""


@account_token.command("create")
@click.argument("account")
@click.argument("name")
@_SCOPE
@_ROLE
@_DAYS
@_REASON
@addressed
def create_account_token(
    registry: Modelry,
    account: str,
    name: str,
    scope: str | None,
    role: str | None,
    days: int | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Make a token of ACCOUNT called NAME, and print its text: it is shown this once."""
    made = registry.create_token(
        name, scope=scope, role=role, days=days, account=account, reason=reason
    )
    _shown(made, as_json)


@account_token.command("list")
@click.argument("account")
@addressed
def list_account_tokens(registry: Modelry, account: str, as_json: bool) -> None:
    """List the tokens of ACCOUNT, without their texts."""
    _listed(registry.access_tokens(account=account), as_json)


@account_token.command("revoke")
@click.argument("account")
@click.argument("token_id", metavar="ID")
@_REASON
@addressed
def revoke_account_token(
    registry: Modelry, account: str, token_id: str, reason: str | None, as_json: bool
) -> None:
    """End a token of ACCOUNT at once."""
    registry.revoke_token(token_id, account=account, reason=reason)
    _ended(token_id, as_json)


def _shown(made: AccessToken, as_json: bool) -> None:
    if as_json:
        print_json(made.raw)
        return
    click.echo(f"Token {made.id} is good until {made.raw['expires_at']}.", err=True)
    click.echo("Keep its text somewhere safe: it is not shown again.", err=True)
    click.echo(made.token)


def _listed(tokens: Iterable[AccessToken], as_json: bool) -> None:
    found = list(tokens)
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [
        (each.id, each.name, each.scope, each.role or "whatever its owner may",
         each.expires_at, "revoked" if each.revoked_at else "")
        for each in found
    ]  # fmt: skip
    print_table(("ID", "NAME", "SCOPE", "AT MOST", "UNTIL", ""), rows)


def _ended(token_id: str, as_json: bool) -> None:
    if as_json:
        print_json({"id": token_id})
    else:
        click.echo(f"Token {token_id} is ended.", err=True)


COMMANDS = (token, service_account)
