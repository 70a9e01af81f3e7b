"""Frames of columns: Polars under its usual name, loaded when something of it is first used.

It is a sixth of what an idle server would hold, and a fifth of what it takes to start. Whoever
writes `pl` in an annotation postpones annotations, or importing the module would load it after all.
Not here: what a column holds (`measured.py`) and what is worked out from it (`metrics`).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
else:

    class _WhenUsed:
        """Stands for a module that may not be loaded yet."""

        def __getattr__(self, name: str) -> Any:
            found = getattr(import_module("polars"), name)
            setattr(self, name, found)
            return found

    pl = _WhenUsed()

__all__ = ("pl",)
