"""Python's cyclic garbage collector, which has nothing to find among terms."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Leave out looking for cycles inside the ``with`` block.

    Terms and nodes refer to parts alone, and go with their last reference; a collector that looks
    through them, again and again, takes a sixth of the time of a long program.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
