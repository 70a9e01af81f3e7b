"""What a request asks for in its query: texts, numbers, instants and lists, each checked once, here.

Not here: what an operation makes of them.
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from fairlead.dialects.launchdarkly.times import instant_from
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.errors import Rejected
from fairlead.domain.texts import require_text

_MOST_PARAMETERS = 100


class Asked:
    """The query of one request. Unknown parameters are left alone."""

    def __init__(self, path: str, query_string: bytes) -> None:
        """Read a query; `path` is the path as it was sent, which links repeat."""
        self._path = path
        try:
            pairs = parse_qsl(
                query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS
            )
        except ValueError as error:
            raise Rejected(f"the query has more than {_MOST_PARAMETERS} parameters", field="query") from error
        self._pairs = pairs
        self._values = dict(pairs)

    def text(self, name: str, default: str = "") -> str:
        """Return a text, `default` where it is absent or empty."""
        return require_text(self._values.get(name) or default, name)

    def required(self, name: str) -> str:
        """Return a text.

        Raises:
            Rejected: it is absent or empty.
        """
        text = self.text(name)
        if not text:
            raise _wrong(name, "must be present")
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the parts of a comma-separated list, each once; empty where it is absent."""
        told = ",".join(value for key, value in self._pairs if key == name)
        parts = (part.strip() for part in require_text(told, name, longest=10_000).split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def choices(self, name: str, allowed: Sequence[str]) -> frozenset[str]:
        """Return which of `allowed` a comma-separated list names.

        Raises:
            Rejected: it names another.
        """
        told = frozenset(self.texts(name))
        if not told <= frozenset(allowed):
            raise _wrong(name, f"must be one or more of {', '.join(allowed)}")
        return told

    def choice(self, name: str, allowed: Sequence[str], default: str = "") -> str:
        """Return one of `allowed`, or `default` where it is absent.

        Raises:
            Rejected: it is another.
        """
        told = self.text(name)
        if told and told not in allowed:
            raise _wrong(name, f"must be one of {', '.join(allowed)}")
        return told or default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number between two, ends included.

        Raises:
            Rejected: it is none, or lies outside.
        """
        told = self.text(name)
        if not told:
            return default
        digits = told.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 20) or not least <= int(told) <= most:  # noqa: PLR2004 — longer ones are out of any range here
            raise _wrong(name, f"must be a whole number from {least} to {most}")
        return int(told)

    def is_true(self, name: str) -> bool | None:
        """Return what `true` or `false` says; None where it is absent.

        Raises:
            Rejected: it says neither.
        """
        told = self.text(name).lower()
        if told not in ("", "true", "false"):
            raise _wrong(name, "must be true or false")
        return None if not told else told == "true"

    def instant(self, name: str, default: int) -> int:
        """Return an instant, in any form that clients send.

        Raises:
            Rejected: it is none.
        """
        told = self.text(name)
        return instant_from(told, name) if told else default

    def here(self, **changes: str | int | None) -> Link:
        """Return a link to the same, with some parameters changed; None leaves one out."""
        kept = [(name, value) for name, value in self._pairs if name not in changes]
        kept += [(name, str(value)) for name, value in changes.items() if value is not None]
        return Link(f"{self._path}?{urlencode(kept)}" if kept else self._path)


def _wrong(name: str, what: str) -> Rejected:
    return Rejected(f'query parameter "{name}" {what}', field=name)
