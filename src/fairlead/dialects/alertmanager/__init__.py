"""Alertmanager's vocabulary: its webhooks, version 4.

Facts about the outside come from Prometheus' page "Alerting: configuration, webhook_config".
"""
