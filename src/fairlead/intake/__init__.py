"""What every HTTP dialect shares on the way in: bodies, callers, allowances, waiting for the store.

Vendor words do not come here, nor anything about deployments: only what must be done once, and
alike, before a dialect can say what a request means.
"""
