"""OpenTelemetry's protocol over HTTP, as far as server spans are counted."""
