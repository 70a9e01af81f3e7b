"""Why a text is not a query, in a sentence for the person who wrote it.

Not here: the limits, which explain themselves (`limits`).
"""

from collections.abc import Collection, Sequence

from lark import Token

from fairlead.search.errors import SearchError
from fairlead.search.limits import start_of
from fairlead.search.text import OPERATORS

_WORDS = frozenset({"WORD", "NAME", "BOUND"})

# What is asked for wherever the parser stands, known by a sign that is possible only there.
_WANTED = {
    "KEY": "a clause",
    "COMPARISON": "a value",
    "NAME": "a key",
    "NO_BOUND": "a bound or *",
    "BOUND": "a bound",
    "_TO": "TO between blanks",
    "_UPTO": 'the "]" of this range',
    "_BEFORE": 'the "}" of this range',
    "_BLANK": "a blank or an operator before the next clause",
}

_ADVICE = {
    "+": r'"+" marks nothing here: leave it out, or write "\+" to search for it',
    "!": r'"!" is not an operator: write "-" or NOT to exclude, "\!" to search for it',
    "~": r'"~" cannot begin a word: there is no fuzzy search; write "\~" to search for it',
    "^": r'"^" cannot begin a word: there is no boosting; write "\^" to search for it',
    "=": r'"=" cannot begin a word: a value follows its key and a colon; write "\=" to search for it',
    ":": r'":" follows a plain key, once; inside a value write "\:" or put quotes around the value',
    "*": 'wildcards work in values only, not in keys and bounds; write "\\*" to mean the sign',
    "?": 'wildcards work in values only, not in keys and bounds; write "\\?" to mean the sign',
    "<": r'"<" compares right after a key and its colon only; elsewhere write "\<"',
    ">": r'">" compares right after a key and its colon only; elsewhere write "\>"',
    "-": r'"-" cannot begin a value: write "\-" or put quotes around it',
}


def require_no_operator(token: Token) -> None:
    """Refuse an operator where a word would stand.

    Raises:
        SearchError: the token is `AND`, `OR` or `NOT`, bare.
    """
    if token.type in _WORDS and token in OPERATORS:
        detail = (
            f'"{token}" is an operator and lacks a blank or a clause beside it; quote it to mean the word'
        )
        raise SearchError(detail, start_of(token))


def complaint(
    text: str, position: int, possible: Collection[str], open_brackets: Sequence[Token]
) -> SearchError:
    """Return the error for a text that cannot be read on from `position`.

    `possible` names the terminals of the grammar that could have stood there instead.
    """
    wanted = next((words for sign, words in _WANTED.items() if sign in possible), "nothing more")
    if position < len(text.rstrip()):
        return SearchError(_misplaced(text[position], wanted, possible, open_brackets), position)
    if open_brackets and wanted not in {"a clause", "a value"}:
        bracket = start_of(open_brackets[-1])
        return SearchError(f'this "{text[bracket]}" is never closed', bracket)
    return SearchError(f"the query ends where {wanted} must follow", len(text))


def _misplaced(sign: str, wanted: str, possible: Collection[str], open_brackets: Sequence[Token]) -> str:
    if sign == '"' and "PHRASE" in possible:
        return "this quote is never closed"
    if sign == "\\":
        return "this backslash has nothing after it to escape"
    if sign in ")]}" and not open_brackets:
        return f'this "{sign}" closes nothing'
    if sign in _ADVICE:
        return _ADVICE[sign]
    found = "a blank" if sign.isspace() else "a quote" if sign == '"' else f'"{sign}"'
    return f"{found} stands where {wanted} must follow"
