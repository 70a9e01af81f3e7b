"""Fairlead's own vocabulary: its API, and what an operator's tools ask for."""
