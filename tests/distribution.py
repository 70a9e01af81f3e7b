"""Which tests run in one process, one after the other, where several processes share them.

Tests of the files named here share what is long in coming, which every process that runs one of them would
make for itself. They begin first, the largest group before the others, and what stands alone fills the
rest. A mark of pytest-xdist cannot say so: it writes groups into ids of tests where pytest 9.2 reads none.
Not here: how many processes there are (`Makefile`).
"""

from typing import Final

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

TOGETHER: Final = {
    # One browser, and a house for it to look at.
    "tests/web/test_browser.py": "browser",
    "tests/web/test_gates_in_browser.py": "browser",
    # One server that takes the uploads of all tests, and one that takes deployments.
    "tests/end_to_end/test_git_upload.py": "uploads",
    "tests/end_to_end/test_datadog_ci.py": "datadog-ci",
    # One client that takes long to load.
    "tests/dialects/launchdarkly/test_applications.py": "launchdarkly-api",
    "tests/dialects/launchdarkly/test_flags_by_python_client.py": "launchdarkly-api",
    "tests/dialects/launchdarkly/test_insights_by_python_client.py": "launchdarkly-api",
    # One demo, shown to several tests.
    "tests/end_to_end/test_demo.py": "demo",
}


class Distribution(LoadScopeScheduling):  # type: ignore[misc]  # It comes without types.
    """Hands out tests one by one, but those of a group together."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)
