"""The command `modelry`."""

import sys

import click

from modelry.cli import (
    approving,
    auditing,
    browsing,
    changing,
    comparing,
    completing,
    complying,
    deploying,
    describing,
    evaluating,
    evidencing,
    granting,
    holding,
    importing,
    issuing,
    logged_models,
    promoting,
    retiring,
    searching,
    signing_in,
    telling,
    tracking,
    transferring,
    trusting,
)
from modelry.cli.running import exit_code
from modelry.errors import ModelryError
from modelry.version import VERSION


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="modelry")
def modelry() -> None:
    """Push, find and pull machine-learning models.

    Models are named MODEL or NAMESPACE/MODEL; versions MODEL:3, MODEL:1.2.0, MODEL:~=1.2,
    MODEL@alias, MODEL:latest, MODEL:stage:NAME, MODEL@sha256:… or MODEL@fingerprint:….
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not allowed or not signed in,
    5 unavailable.
    """


for _command in (
    *signing_in.COMMANDS,
    *transferring.COMMANDS,
    *browsing.COMMANDS,
    *changing.COMMANDS,
    *granting.COMMANDS,
    *issuing.COMMANDS,
    *trusting.COMMANDS,
    *holding.COMMANDS,
    *complying.COMMANDS,
    *evidencing.COMMANDS,
    *comparing.COMMANDS,
    *searching.COMMANDS,
    *promoting.COMMANDS,
    *approving.COMMANDS,
    *describing.COMMANDS,
    *evaluating.COMMANDS,
    *importing.COMMANDS,
    *retiring.COMMANDS,
    *deploying.COMMANDS,
    *tracking.COMMANDS,
    *logged_models.COMMANDS,
    *completing.COMMANDS,
    *auditing.COMMANDS,
    *telling.COMMANDS,
):
    modelry.add_command(_command)


def main() -> None:
    """Run the command line; every failure says what happened and what to try."""
    try:
        modelry.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ModelryError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(exit_code(error))
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nStopped. Run the same command again to go on where it stopped.", err=True)
        sys.exit(130)
    except OSError as error:
        click.echo(f"Error: {error}.\nCheck the path, its rights and the free space.", err=True)
        sys.exit(1)
