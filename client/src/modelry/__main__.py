"""`python -m modelry`: the command without its script."""

from modelry.cli import main

main()
