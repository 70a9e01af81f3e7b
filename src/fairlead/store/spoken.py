"""Statements as text, for those that are asked about every deployment.

To build an expression and look it up again would cost several times what the engine needs. Names
of our own tables and columns only; what was sent travels as a parameter, for which `?` stands.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from fairlead.store.engine import SQLITE, Transaction, engine_name

ONE_OF: Final = "IN (SELECT value FROM json_each(?))"
"""Follows a column that is to be one of `listed` texts, which are one parameter, however many."""
# An array is looked up one by one; a set that comes out of a function is taken for a hundred.
_ONE_OF_ARRAY: Final = "= ANY (ARRAY (SELECT json_array_elements_text(CAST(? AS json))))"


def rows(transaction: Transaction, statement: str, parameters: Sequence[Any]) -> list[Row[Any]]:
    """Return what a statement finds."""
    spelled = statement if engine_name(transaction) == SQLITE else _for_postgresql(statement)
    # Fetched at once: one by one each row would cost a call through all of SQLAlchemy's layers.
    return list(transaction.exec_driver_sql(spelled, tuple(parameters)).all())


def plain_rows(transaction: Transaction, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return what a statement finds as the driver tells it, for those that ask with every batch of facts."""
    spelled = statement if engine_name(transaction) == SQLITE else _for_postgresql(statement)
    with closing(transaction.connection.cursor()) as cursor:
        cursor.execute(spelled, tuple(parameters))
        return list(cursor.fetchall())


def tell(transaction: Transaction, statement: str, parameters: Sequence[Any]) -> None:
    """Do what a statement says."""
    spelled = statement if engine_name(transaction) == SQLITE else _for_postgresql(statement)
    with closing(transaction.connection.cursor()) as cursor:
        cursor.execute(spelled, tuple(parameters))


def listed(texts: Iterable[str]) -> str:
    """Return the parameter of `ONE_OF`."""
    return msgspec.json.encode(list(texts)).decode()


def by_way_of(transaction: Transaction, index: str) -> str:
    """Return what follows the name of a table to have SQLite take this index; nothing elsewhere."""
    return f" INDEXED BY {index}" if engine_name(transaction) == SQLITE else ""


def places(count: int) -> str:
    """Return a list of so many parameters."""
    return f"({', '.join('?' * count)})"


@cache
def _for_postgresql(statement: str) -> str:
    return statement.replace(ONE_OF, _ONE_OF_ARRAY).replace("?", "%s")
