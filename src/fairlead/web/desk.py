"""What the pages share from one request to the next, in one process."""

import time

from fairlead.settings import Settings
from fairlead.web.attempts import Attempts


class Desk:
    """Made when the server starts, and given to every page."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.attempts = Attempts(time.monotonic)
