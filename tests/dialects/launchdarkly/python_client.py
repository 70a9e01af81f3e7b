"""The official Python client under one name, loaded by the first test that calls it.

Its nine hundred models and twelve hundred checked operations take five seconds of a processor, in every
process that only wants to know which tests there are. Whoever writes `ld` in an annotation postpones
annotations. Not here: who calls, and what.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import launchdarkly_api as ld
else:

    class _WhenUsed:
        def __getattr__(self, name: str) -> Any:
            return getattr(import_module("launchdarkly_api"), name)

    ld = _WhenUsed()

__all__ = ("ld",)
