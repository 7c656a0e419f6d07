"""The measurements: each module is one, and a command that anyone can run."""
