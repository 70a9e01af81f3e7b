"""Generated queries and events, drawn from short lists so that the two meet often.

An event is a plain dict by the keys of the search language, believable enough to be recorded
as a deployment: `duration` in seconds is exactly what lies between its two instants, and no
tag has the name of a field. Not here: the sample events (`search_examples`).
"""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from fairlead.search.pattern import ANY, ONE, Pattern, Piece
from fairlead.search.tree import (
    Compare,
    Comparison,
    Everything,
    Exists,
    Node,
    Not,
    Range,
    all_of,
    any_of,
    having,
)
from fairlead.search.values import Instant, Value
from tests.search_examples import Event

NS_PER_S = 1_000_000_000

HURTING = [
    "a",
    "A",
    "b",
    "B",
    "é",
    "É",
    "ß",
    "%",
    "_",
    "*",
    "?",
    "[",
    "]",
    "^",
    "-",
    ".",
    "\\",
    '"',
    "'",
    " ",
    ":",
]
"""Characters that mean something to LIKE, GLOB, a regular expression or the language, or that have a case."""

TEXTS = [
    *HURTING,
    *(
        "ab",
        "aB",
        "abb",
        "a b",
        "a-b",
        "a.b",
        "a%b",
        "a_b",
        "a\nb",
        "AND",
        "or",
        "TO",
        "-1",
        "+1",
        "~a",
        "=a",
    ),
    *(
        "10",
        "9",
        "1.5",
        "1.50",
        "true",
        "false",
        "prod",
        "1.4.2",
        "a:b",
        "&&",
        "a||b",
        "“a”",
        "日本",
        "e\u0301",
    ),
]

STARTS_AT = [at * NS_PER_S for at in (1_700_000_000, 1_700_000_300, 1_750_000_000)]
DURATIONS_NS = [0, 1, 45 * NS_PER_S, 300 * NS_PER_S, 1_500_000_000, 90_000 * NS_PER_S]

BOUNDS = [
    *("0", "45", "300", "300.0", "1.5", "-1", "1e3", "0.000000001", "007", "90000"),
    *(
        "1700000000",
        "1700000300000",
        "1750000000000000000",
        "2023-11-14T22:13:20Z",
        "2023-11-14T23:18:20+01:00",
    ),
    *("2025-06-15T15:06:40.000000001Z", "2025-13-01T00:00:00Z", "99999999999999999999999"),
]

TEXT_KEYS = ["service", "env", "team", "version"]
TAG_KEYS = ["region", "tier", "odd key", "_exists_", "@at", "AND"]
OTHER_KEYS = ["deployment_type", "git.repository_id", "git.commit_sha", "source", "change_failure"]
COUNTED_KEYS = ["duration", "started_at", "finished_at", "number_of_commits", "number_of_pull_requests"]
BROUGHT_KEYS = ["commits", "pull_requests"]
KEYS = [*TEXT_KEYS, *TAG_KEYS, *OTHER_KEYS, *COUNTED_KEYS, *BROUGHT_KEYS, "tags", "no.such.key"]

REPOSITORIES = ["github.com/acme/search", "github.com/acme/checkout"]
COMMITS = ["0123456789abcdef0123456789abcdef01234567", "89abcdef0123456789abcdef0123456789abcdef"]
PULL_REQUESTS = [1, 9, 10, 45, 300]


def brought() -> SearchStrategy[Node]:
    """Trees of one clause on what a deployment brought, made so that some deployment has it."""
    whole = st.sampled_from(COMMITS).map(lambda sha: Pattern((sha,)))
    starts = st.sampled_from(COMMITS).map(lambda sha: Pattern((sha[:7], ANY)))
    numbers = st.sampled_from(PULL_REQUESTS).map(str)
    return st.one_of(
        st.builds(having, st.just("commits"), whole | starts),
        st.builds(having, st.just("pull_requests"), numbers.map(lambda number: Pattern((number,)))),
        st.builds(Compare, st.just("pull_requests"), st.sampled_from(Comparison), numbers),
    )


def texts() -> SearchStrategy[str]:
    """Texts that values and patterns share."""
    return st.sampled_from(TEXTS) | st.text(st.sampled_from(HURTING), max_size=5)


def patterns() -> SearchStrategy[Pattern]:
    """Patterns with and without wildcards, also ones that are equal in spite of their pieces."""
    pieces: SearchStrategy[Piece] = texts() | st.sampled_from([ANY, ONE])
    return st.lists(pieces, max_size=4).map(lambda drawn: Pattern(tuple(drawn)))


def bounds() -> SearchStrategy[str]:
    """Bounds of comparisons and ranges: numbers, instants and texts that are neither."""
    return st.sampled_from(BOUNDS) | texts()


def terms() -> SearchStrategy[Node]:
    """Trees of one clause."""
    keys = st.sampled_from(KEYS)
    literal_bounds = bounds().map(lambda bound: Pattern((bound,)))
    spans = st.tuples(st.none() | bounds(), st.none() | bounds()).filter(lambda span: span != (None, None))
    return st.one_of(
        st.builds(having, st.sampled_from(KEYS) | st.none(), patterns()),
        st.builds(having, keys, literal_bounds),
        st.builds(Compare, keys, st.sampled_from(Comparison), bounds()),
        st.builds(lambda key, span, ends: Range(key, span[0], span[1], ends), keys, spans, st.booleans()),
        st.builds(Exists, keys),
        brought(),
        st.just(Everything()),
    )


def trees(max_leaves: int = 8) -> SearchStrategy[Node]:
    """Queries; never deeper than the language allows."""

    def grown(inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=4)
        return st.one_of(several.map(all_of), several.map(any_of), inner.map(Not))

    return st.recursive(terms(), grown, max_leaves=max_leaves)


@st.composite
def events(draw: DrawFn) -> Event:
    """One event; fields that nobody told are empty or absent."""
    started_at = draw(st.sampled_from(STARTS_AT))
    duration_ns = draw(st.sampled_from(DURATIONS_NS))
    tag_values = texts().filter(bool)
    event: dict[str, Value | Sequence[str] | Sequence[int]] = {
        "service": draw(texts().filter(bool)),
        **{key: draw(texts()) for key in draw(st.sets(st.sampled_from(["env", "team", "version"])))},
        "started_at": Instant(started_at),
        "finished_at": Instant(started_at + duration_ns),
        "duration": Decimal(duration_ns).scaleb(-9),
        "deployment_type": draw(st.sampled_from(["standard", "rollback", "rollforward"])),
        "source": "api",
        "tags": draw(
            st.lists(
                st.builds("{}:{}".format, st.sampled_from(TAG_KEYS), tag_values), max_size=3, unique=True
            )
        ),
    }
    if draw(st.booleans()):
        event["change_failure"] = draw(st.booleans())
    if draw(st.booleans()):
        event["git.repository_id"] = draw(st.sampled_from(REPOSITORIES))
        event["git.commit_sha"] = draw(st.sampled_from(COMMITS))
        if draw(st.booleans()):
            shas = draw(st.lists(st.sampled_from(COMMITS), max_size=2, unique=True))
            numbers = st.lists(st.sampled_from(PULL_REQUESTS), max_size=len(shas), unique=True)
            event |= {"commits": shas, "pull_requests": draw(numbers)}
    return event
