"""Prometheus' vocabulary: its HTTP API, version 1, as Fairlead asks it.

Facts about the outside come from Prometheus' page "HTTP API".
"""
