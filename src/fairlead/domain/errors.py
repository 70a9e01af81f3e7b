"""The errors Fairlead raises, named for what the caller can do about them.

Each class's docstring is its default message. Not here: HTTP statuses and vendors' error
bodies; every dialect says these errors in its own words (`dialects/<vendor>/errors.py`).
"""


class FairleadError(Exception):
    """Something went wrong inside Fairlead."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or "").partition("\n")[0])


class Rejected(FairleadError):
    """The request is understood but not acceptable; sending it again will not help.

    `field` names the attribute at fault as the caller spelled it, or is empty.
    """

    def __init__(self, detail: str = "", *, field: str = "") -> None:
        super().__init__(detail)
        self.field = field


class NotFound(FairleadError):
    """There is no such thing here."""


class Stranger(FairleadError):
    """The request carries no valid key."""

    def __init__(self, detail: str = "", *, keyless: bool = False) -> None:
        super().__init__(detail)
        self.keyless = keyless
        """True when no key was sent at all, False when the one sent is not valid."""


class NotPermitted(FairleadError):
    """The key is valid but lacks the permission for this."""


class TooLarge(FairleadError):
    """The request body is larger than this server accepts."""


class TooMany(FairleadError):
    """The rate limit of this key or organisation is used up for now."""


class Conflict(FairleadError):
    """Something else already has this name."""


class Unavailable(FairleadError):
    """The store cannot be reached just now; sending the request again may help."""


class OldSchema(FairleadError):
    """The database is older than this Fairlead; run `fairlead db migrate` first."""
