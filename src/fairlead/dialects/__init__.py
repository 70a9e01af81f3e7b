"""Outside vocabularies: one folder each, and none knows another.

In each: `wire.py` (the shapes), `translate.py` (pure, both ways), `credentials.py` (who calls),
`routes.py` (thin handlers), `errors.py` (how it refuses).
"""
