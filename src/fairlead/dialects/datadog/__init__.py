"""Datadog's vocabulary: the DORA Metrics API, the service catalogue and key validation.

Facts about the outside come from the OpenAPI document of `datadog-api-client` 2.62.0 and from
recorded traffic; where neither says, the choice is written down in `docs/dialects/datadog.md`.
"""
