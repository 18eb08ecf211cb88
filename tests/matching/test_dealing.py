"""Dealing operands to rests, against trying everything; ways that are kept and that are not."""

from itertools import islice, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.matching import ways
from rewriter.matching.distribution import distributions


def expected(counts, takers, multiplicities, required, covered):
    """Return what each rest may get: all numbers that add up, tried one by one."""
    options = []
    for at, count in enumerate(counts):
        found = []
        for numbers in product(range(count + 1), repeat=len(multiplicities)):
            if any(n and not taker for n, taker in zip(numbers, takers[at], strict=True)):
                continue
            total = sum(n * m for n, m in zip(numbers, multiplicities, strict=True))
            dealt = total == count if covered is None else covered[at] or any(numbers)
            if dealt:
                found.append(numbers)
        options.append(found)
    return {
        tuple(
            tuple(at for at, numbers in enumerate(chosen) for _ in range(numbers[rest]))
            for rest in range(len(multiplicities))
        )
        for chosen in product(*options)
        if not required or all(map(any, zip(*chosen, strict=True)))
    } - ({((),) * len(multiplicities)} if required and multiplicities else set())


@st.composite
def dealings(draw):
    rests = draw(st.integers(1, 4))
    idempotent = draw(st.booleans())
    counts = draw(st.lists(st.integers(1, 1 if idempotent else 4), max_size=3))
    whole = st.lists(st.booleans(), min_size=rests, max_size=rests)
    takers = draw(st.lists(whole, min_size=len(counts), max_size=len(counts)))
    multiplicities = tuple(draw(st.lists(st.integers(1, 3), min_size=rests, max_size=rests)))
    flags = st.lists(st.booleans(), min_size=len(counts), max_size=len(counts))
    covered = draw(flags) if idempotent else None
    return counts, takers, multiplicities, draw(st.booleans()), covered


@pytest.mark.parametrize("kept", [0, 3, 1024])
def test_every_dealing_comes_once(kept, monkeypatch):
    monkeypatch.setattr(ways, "MANY", kept)
    ways.Ways.of.cache_clear()
    ways.Coverings.of.cache_clear()

    @settings(max_examples=200, deadline=None)
    @given(dealings())
    def every_dealing_comes_once(dealing):
        counts, takers, multiplicities, required, covered = dealing
        names = range(len(counts))
        found = list(distributions(names, counts, takers, multiplicities, required, covered))
        assert len(found) == len(set(found))
        assert set(found) == expected(counts, takers, multiplicities, required, covered)

    every_dealing_comes_once()


@pytest.mark.parametrize("rests", [2, 10, 28])
def test_no_step_leads_nowhere_where_each_rest_must_get_something(rests):
    steps = []
    found = distributions("ab", (20, 9), None, (1,) * rests, True, None, lambda: steps.append(1))
    for parts in islice(found, 500):
        assert all(parts)
        assert sum(map(len, parts)) == 29
    assert len(steps) <= 2 * 500
