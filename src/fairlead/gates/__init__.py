"""The decision: observations to findings, findings to a verdict with its reason. Pure."""
