"""Names in graph text: letters for statements, quotes around whatever is no plain identifier.

>>> quoted("logits"), quoted("layer.0/weight")
('logits', '"layer.0/weight"')
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from itertools import count, product

from rewriter.graph.dtype import NAMES, OTHER_FLOATS

IDENTIFIER = re.compile(r"[^\W\d]\w*")

DATA_TYPES = frozenset((*NAMES, *OTHER_FLOATS))
"""Names that stand for data types wherever they are written without quotes."""

SPECIAL_NUMBERS = frozenset({"nan", "inf", "True", "False"})
"""Names that are read as numbers."""

KEYWORDS = frozenset({"graph", "return", "constants", "convention"})
"""Names that begin a section or a statement."""

RESERVED = DATA_TYPES | SPECIAL_NUMBERS | KEYWORDS | {"None"}

_LOWER = "abcdefghijklmnopqrstuvwxyz"


def quoted(name: str) -> str:
    """Return a name as graph text has it: bare where it is a free identifier, else in quotes."""
    if IDENTIFIER.fullmatch(name) and name not in RESERVED:
        return name
    return json.dumps(name, ensure_ascii=not name.isprintable())


class Quoted(str):
    """A text that stood in quotes, and so is taken as it is."""

    __slots__ = ()


def unquoted(text: str) -> Quoted:
    """Return what a text in quotes says.

    Raises:
        ValueError: it has an escape that does not exist.
    """
    return Quoted(json.loads(text, strict=False))


def data_type_text(dtype: str) -> str:
    """Return a dtype as graph text has it; extended types of other libraries are in quotes."""
    return dtype if dtype in DATA_TYPES else json.dumps(dtype)


def letters(taken: Collection[str], alphabet: str = _LOWER) -> Iterator[str]:
    """Yield ``a, b, …, z, aa, ab, …`` without those that are taken or reserved."""
    for length in count(1):
        for parts in product(alphabet, repeat=length):
            name = "".join(parts)
            if name not in taken and name not in RESERVED:
                yield name


def fresh(name: str, taken: Collection[str]) -> str:
    """Return ``name``, or ``name_a``, ``name_b``, … where it is taken."""
    if name not in taken:
        return name
    return next(f"{name}_{suffix}" for suffix in letters(()) if f"{name}_{suffix}" not in taken)
