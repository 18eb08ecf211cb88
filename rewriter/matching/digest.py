"""Digests: numbers that stand for names and structures and do not depend on Python's hash seed.

>>> digest_of_text("plus") == digest_of_text("times")
False
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

__all__ = ["digest_of_parts", "digest_of_text"]


@lru_cache(maxsize=65536)
def digest_of_text(text: str) -> int:
    """Return a 63-bit number that stands for a text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def digest_of_parts(parts: tuple[int, ...]) -> int:
    """Return a number that stands for a sequence of digests (Python hashes integers without a
    seed).
    """
    return hash(parts)
