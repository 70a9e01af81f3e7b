"""GitLab's vocabulary: the webhooks of gitlab.com and of GitLab on one's own server.

Facts about the outside come from GitLab's pages "Webhook events" and "Webhooks"; what they leave
open is decided in `docs/dialects/gitlab.md`.
"""
