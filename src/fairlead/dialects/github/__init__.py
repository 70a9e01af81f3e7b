"""GitHub's vocabulary: the webhooks of github.com and of GitHub Enterprise Server.

Facts about the outside come from GitHub's page "Webhook events and payloads" and from the example
payloads of `octokit/webhooks`; what they leave open is decided in `docs/dialects/github.md`.
"""
