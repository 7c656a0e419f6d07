"""The command that teaches a shell the others: completion."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what a shell needs to complete commands and options.

    \b
    bash:  eval "$(modelry completion bash)"      in ~/.bashrc
    zsh:   eval "$(modelry completion zsh)"       in ~/.zshrc
    fish:  modelry completion fish | source       in ~/.config/fish/config.fish
    """
    of_shell = get_completion_class(shell)
    assert of_shell is not None, shell
    top = context.find_root().command
    click.echo(of_shell(top, {}, "modelry", "_MODELRY_COMPLETE").source())


COMMANDS = (completion,)
