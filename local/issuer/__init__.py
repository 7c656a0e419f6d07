"""A real OpenID Connect issuer for development and tests: its people are made up, its keys lie in
a file, and it serves the loopback interface only."""
