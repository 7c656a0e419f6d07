"""The whole system on one machine: embedded database, object store and issuer, for development."""
