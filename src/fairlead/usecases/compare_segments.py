"""Compare day segments with the rows they were made of: a sample of them, or all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fairlead.domain.access import OrgId
from fairlead.domain.frames import pl
from fairlead.domain.measured import SHAPES, Noun
from fairlead.store import segments, shelf
from fairlead.store.engine import Transaction
from fairlead.store.segments import Day

USUAL_SAMPLE: Final = 12


def compare_segments(
    transaction: Transaction, org_id: OrgId, most: int = USUAL_SAMPLE
) -> tuple[int, list[Day]]:
    """Return how many days were compared, and those whose segment is not what their rows say.

    The days compared are spread evenly over all, the last among them. A marked day is left out: its
    segment is known to be of yesterday.
    """
    marked = segments.marks(transaction, org_id)
    compared, wrong = 0, []
    for noun in Noun:
        days = [day for day in segments.all_days(transaction, org_id, noun) if day not in marked]
        step = max(1, -(-len(days) // most))
        for day in list(reversed(days))[::step]:
            compared += 1
            if not _is_the_same(transaction, day):
                wrong.append(day)
    return compared, wrong


def _is_the_same(transaction: Transaction, day: Day) -> bool:
    kept = shelf.window(transaction, day.scope)
    [made] = segments.build(transaction, [day])
    if kept.frame.height != made.frame.height:
        return False
    texts = {name: made.lexicon.texts(name) for name in SHAPES[day.noun].texts}
    return _plain(kept.frame, kept.texts) == _plain(made.frame, texts)


def _plain(frame: pl.DataFrame, texts: object) -> Sequence[object]:
    """Return the rows of a frame with texts for codes, in an order of their own."""
    known = dict(texts) if isinstance(texts, dict) else {}
    columns = [
        [known[name][code] for code in frame[name]] if name in known else frame[name].to_list()
        for name in frame.columns
    ]
    return sorted(zip(*columns, strict=True), key=repr)
