"""OpenTelemetry: traces and metrics. Imported only if the settings ask for it."""
