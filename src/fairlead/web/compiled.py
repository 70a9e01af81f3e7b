"""Compiled templates, kept beside them, as Python keeps its own modules beside theirs.

To compile all takes half a second of a processor, for which whoever looks first would wait. Where nothing
may be written, each server compiles anew; what was compiled from another text or by another version is not
used. Not here: how a page is drawn (`drawing.py`).
"""

import hashlib
import sys
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from fairlead import __version__


class Compiled(jinja2.FileSystemBytecodeCache):
    """What was compiled as an environment compiles. Whether it is of a template's text, Jinja sees itself."""

    def __init__(self, place: Path, of: jinja2.Environment) -> None:
        made_by = (__version__, jinja2.__version__, of.autoescape, of.trim_blocks, of.lstrip_blocks)
        edition = hashlib.sha256(repr(made_by).encode()).hexdigest()[:12]
        super().__init__(str(place), f"%s.{sys.implementation.cache_tag}-{edition}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket, if what it is for was kept."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a bucket holds, where that is allowed."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)
