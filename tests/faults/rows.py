"""Hashes over what tables hold, by plain queries: the ORM would write and read the same ones thousands of times."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import connection
from django.db.models import Model


def rows_of(model: type[Model], *columns: str, where: str = "") -> str:
    """The query for the rows of a table in the order of their keys: of some columns or of all, those `where` or all."""
    quote = connection.ops.quote_name
    what = ", ".join(map(quote, columns)) or "*"
    condition = f" WHERE {where}" if where else ""
    return f"SELECT {what} FROM {quote(model._meta.db_table)}{condition} ORDER BY {quote(str(model._meta.pk.column))}"


def hash_of(queries: Iterable[str]) -> str:
    """One hash over all that the queries give."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for one in queries:
            cursor.execute(one)
            digest.update(repr(cursor.fetchall()).encode())
    return digest.hexdigest()
