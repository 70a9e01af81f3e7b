"""Grafana's vocabulary: the webhooks of its alerting.

Facts about the outside come from Grafana's page "Configure the webhook notifier for Alerting".
"""
