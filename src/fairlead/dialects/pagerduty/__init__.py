"""PagerDuty's vocabulary: its webhooks, version 3.

Facts about the outside come from PagerDuty's pages "Webhooks overview", "V3 webhook payload" and
"Verifying signatures".
"""
