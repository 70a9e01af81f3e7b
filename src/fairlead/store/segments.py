"""Day segments: for each organisation and day of UTC one block of columns, kept beside the rows.

A fact marks its day in its own transaction: the mark is a piece of work, and while there is one the
day is read from rows. Whoever does the work builds the block anew. So an answer is never stale and
seldom slow. A block is an Arrow file in which texts are codes of the lexicon. Not here: reading a
window (`shelf.py`) and what the columns mean (`domain.measured`).
"""

from __future__ import annotations

import io
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Final

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, delete, insert, select

from fairlead.domain.access import OrgId
from fairlead.domain.frames import pl
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.measured import SHAPES, Noun, Scope
from fairlead.store import measured_rows, work
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_facts
from fairlead.store.lexicon import Lexicon, stored_codes
from fairlead.store.tables import day_segments
from fairlead.store.tables import work as work_table
from fairlead.store.work import Item, Kind

NS_PER_DAY: Final = 86_400 * NS_PER_S
MOST_VALUES: Final = 200
"""Of one key of tags on one day; keys with more, such as a build's number, are left out of the block."""
# Several processes record facts of one day at once, and none should wait for another's mark.
_OWN_MARK: Final = secrets.token_hex(4)
_s, _w = day_segments.c, work_table.c
_decode: Final = msgspec.json.Decoder(list[str]).decode
# Asked with every list and every measurement, and therefore made once.
_marked: Final = select(_w.key, _w.ticket).where(
    _w.org_id == bindparam("of_org", type_=BigInteger()), _w.kind == Kind.SEGMENT.value
)


class Day(Struct, frozen=True, order=True):
    """One day of one organisation's deployments or failures."""

    org_id: OrgId
    noun: Noun
    day: int
    """Of UTC, since 1970."""

    @property
    def scope(self) -> Scope:
        """Its facts."""
        at = self.day * NS_PER_DAY
        return Scope(org_id=self.org_id, noun=self.noun, from_at=at, until_at=at + NS_PER_DAY)


class Built(Struct, frozen=True, kw_only=True):
    """A block worked out anew, whose codes are still its own."""

    day: Day
    revision: int | None
    """The revision that was kept when it was built; None where none was."""
    frame: pl.DataFrame
    lexicon: Lexicon
    left_out: tuple[str, ...]


def mark(transaction: Transaction, days: Iterable[Day], *, due_at: int = 0) -> None:
    """Have days built anew, from `due_at` on; until then they are read from rows."""
    items = marking(days)
    if items:
        work.ask(transaction, items, due_at=due_at)


def marking(days: Iterable[Day]) -> list[Item]:
    """Return the work that marks days, for those who ask for more with it."""
    return [Item(one.org_id, Kind.SEGMENT, f"{one.noun.value}/{one.day}/{_OWN_MARK}") for one in set(days)]


def day_at(org_id: OrgId, noun: Noun, at: int) -> Day:
    """Return the day that an instant belongs to."""
    return Day(org_id, noun, at // NS_PER_DAY)


def day_of(item: Item) -> Day:
    """Return the day that a mark is about."""
    noun, day, _ = item.key.split("/")
    return Day(item.org_id, Noun(noun), int(day))


def marks(transaction: Transaction, org_id: OrgId) -> dict[Day, frozenset[int]]:
    """Return the days that are to be built anew, with the tickets that say for which changes."""
    found: dict[Day, frozenset[int]] = {}
    for key, ticket in transaction.execute(_marked, {"of_org": org_id}):
        day = day_of(Item(org_id, Kind.SEGMENT, key))
        found[day] = found.get(day, frozenset()) | {ticket}
    return found


def build(transaction: Transaction, days: Sequence[Day]) -> Iterator[Built]:
    """Yield the blocks of days, worked out from their rows; nothing is written."""
    kept = _revisions(transaction, days)
    for day in days:
        lexicon = Lexicon()
        frame = measured_rows.frame(transaction, day.scope, lexicon.code_of).drop(measured_rows.VERSION)
        left_out, frame = _without_many(frame, lexicon)
        yield Built(day=day, revision=kept.get(day), frame=frame, lexicon=lexicon, left_out=left_out)


def keep(transaction: Transaction, built: Sequence[Built]) -> set[Day]:
    """Keep blocks, and return the days of those whose day nobody else has built meanwhile."""
    hold_facts(transaction, "segments", {(one.day.org_id, "") for one in built})
    there = _revisions(transaction, [one.day for one in built])
    kept = [one for one in built if there.get(one.day) == one.revision]
    for mine in _by_organisation_and_noun([one.day for one in kept if one.revision is not None]):
        transaction.execute(delete(day_segments).where(_is_one_of(mine)))
    rows = list(_to_rows(transaction, [one for one in kept if len(one.frame)]))
    if rows:
        transaction.execute(insert(day_segments), rows)
    return {one.day for one in kept}


def kept_days(transaction: Transaction, org_id: OrgId, noun: Noun) -> list[Day]:
    """Return the days that have a block."""
    wanted = select(_s.day).where(_s.org_id == org_id, _s.noun == noun.value).order_by(_s.day)
    return [Day(org_id, noun, day) for day in transaction.execute(wanted).scalars()]


def all_days(transaction: Transaction, org_id: OrgId, noun: Noun) -> list[Day]:
    """Return the days that have facts or a block."""
    facts = {Day(org_id, noun, day) for day in measured_rows.days(transaction, org_id, noun, NS_PER_DAY)}
    return sorted(facts.union(kept_days(transaction, org_id, noun)))


def marked_items(transaction: Transaction, org_id: OrgId) -> list[Item]:
    """Return the marks of an organisation."""
    wanted = select(_w.key).where(_w.org_id == org_id, _w.kind == Kind.SEGMENT.value)
    return [Item(org_id, Kind.SEGMENT, key) for key in transaction.execute(wanted).scalars()]


def to_frame(*blocks: bytes) -> pl.DataFrame:
    """Return the columns of one or more blocks, one after the other."""
    # Read together they are planned once; each by itself takes twice as long.
    sources: list[IO[bytes]] = [io.BytesIO(block) for block in blocks]
    return pl.scan_ipc(sources).collect().rechunk()


def _to_rows(transaction: Transaction, built: Sequence[Built]) -> Iterator[dict[str, object]]:
    for org_id in sorted({one.day.org_id for one in built}):
        mine = [one for one in built if one.day.org_id == org_id]
        texts: dict[str, set[str]] = {}
        for one in mine:
            for column in SHAPES[one.day.noun].texts:
                texts.setdefault(column, set()).update(_texts(one, column).values())
        codes = {column: stored_codes(transaction, org_id, column, those) for column, those in texts.items()}
        yield from (_to_row(one, codes) for one in mine)


def _to_row(one: Built, codes: Mapping[str, Mapping[str, int]]) -> dict[str, object]:
    frame = one.frame.with_columns(
        pl.col(column).replace_strict(
            {own: codes[column][text] for own, text in _texts(one, column).items()}, return_dtype=pl.UInt32
        )
        for column in SHAPES[one.day.noun].texts
    )
    block = io.BytesIO()
    frame.write_ipc(block, compression="zstd")
    return {
        "org_id": one.day.org_id,
        "noun": one.day.noun.value,
        "day": one.day.day,
        "revision": secrets.randbits(63),
        "rows": len(frame),
        "left_out": msgspec.json.encode(one.left_out).decode(),
        "block": block.getvalue(),
    }


def _texts(one: Built, column: str) -> dict[int, str]:
    """Return what each code stands for that is in a column of a block."""
    known = one.lexicon.texts(column)
    return {code: known[code] for code in one.frame[column].unique()}


def _without_many(frame: pl.DataFrame, lexicon: Lexicon) -> tuple[tuple[str, ...], pl.DataFrame]:
    """Return the keys of tags that have too many values, and the frame without their tags."""
    lists = {code: _decode(text) if text else [] for code, text in lexicon.texts("tags").items()}
    tags = {tag for texts in lists.values() for tag in texts}
    values = Counter(tag.partition(":")[0] for tag in tags)
    many = {key for key, count in values.items() if count > MOST_VALUES}
    if not many:
        return (), frame
    told = {
        code: lexicon.code_of("tags", _encoded(tag for tag in texts if tag.partition(":")[0] not in many))
        for code, texts in lists.items()
    }
    return tuple(sorted(many)), frame.with_columns(
        pl.col("tags").replace_strict(told, return_dtype=pl.UInt32)
    )


def _encoded(tags: Iterable[str]) -> str:
    return msgspec.json.encode(list(tags)).decode()


def _revisions(transaction: Transaction, days: Sequence[Day]) -> dict[Day, int]:
    """Return the revisions of those days that have a block."""
    found: dict[Day, int] = {}
    for mine in _by_organisation_and_noun(days):
        wanted = select(_s.day, _s.revision).where(_is_one_of(mine))
        rows = transaction.execute(wanted)
        found.update((Day(mine[0].org_id, mine[0].noun, day), revision) for day, revision in rows)
    return found


def _by_organisation_and_noun(days: Iterable[Day]) -> Iterable[list[Day]]:
    groups: dict[tuple[OrgId, Noun], list[Day]] = {}
    for day in sorted(days):
        groups.setdefault((day.org_id, day.noun), []).append(day)
    return groups.values()


def _is_one_of(days: Sequence[Day]) -> ColumnElement[bool]:
    """Return the condition that a block is of one of `days`, all of one organisation and noun."""
    mine = _s.org_id == days[0].org_id, _s.noun == days[0].noun.value
    return and_(*mine, _s.day.in_([one.day for one in days]))
