"""LaunchDarkly's vocabulary: Engineering Insights, code references, and the few resources beside them.

`routes.py` collects the handlers. Frame of every operation: `credentials.py` (who calls), `exchange.py`
(a request and its answer), `asked.py` (query parameters), `patches.py` (changes), `doorway.py` (what
happens before routing), `errors.py`.
"""
