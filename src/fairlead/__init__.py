"""Fairlead records how software is delivered and answers questions about it.

Not here: anything but the version, which is kept in this one place.
"""

__version__ = "0.1.0"
