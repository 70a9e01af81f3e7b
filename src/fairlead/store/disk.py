"""The disk: what it has to be told so that a name in a folder outlasts a loss of power.

Not here: the bytes of a file, which whoever writes them syncs.
"""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """See that the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
