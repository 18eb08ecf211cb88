"""Confluence: whichever laws of the theory are used, where and in which order, one normal form.

Random expressions are rewritten by random laws at random places; each law is one that the theory
claims to decide, written as an edit of the graph that knows nothing of terms. (It does not claim to
decide distribution over + of products and sums, which is used only where a cancellation waits.)
"""

import random

import pytest

import rewriter as rw
from rewriter.graph import operators as o
from rewriter.graph.calls import substitute
from rewriter.graph.node import topological

X, Y = rw.input("x", (3,), "float64"), rw.input("y", (3,), "float64")
Z = rw.input("z", (), "float64")
LEAVES = (X, Y, Z, rw.constant(2.0), rw.constant(3.0))
TERMS, EDITS = 1000, 12


def expression(rng, depth):
    """A random expression of sums, products, quotients, exponentials, logarithms and Σ."""
    if not depth:
        return rng.choice(LEAVES)
    a, b = expression(rng, depth - 1), expression(rng, rng.randrange(depth))
    kind = rng.randrange(8)
    if kind == 0:
        return rw.exp(a)
    if kind == 1:
        return rw.sum(a) if a.shape else rw.exp(a)
    if kind == 2:
        return rw.log(1 + rw.exp(a))
    if kind == 3:
        return a / rw.exp(b)
    return (a + b, a * b, a - b, a + b * 2)[kind - 4]


def edits(node):
    """What a node may be written as instead, by one law."""
    yield from _of_arithmetic(node)
    yield from _of_functions(node)


def _of_arithmetic(node):
    a, b = (*node.operands, None, None)[:2]
    if node.operator is o.ADD:
        yield b + a
        if a.operator is o.ADD:
            yield a.operands[0] + (a.operands[1] + b)
    if node.operator is o.MULTIPLY:
        yield b * a
        if a.operator is o.MULTIPLY:
            yield a.operands[0] * (a.operands[1] * b)
        if a.operator is b.operator is o.EXP:
            yield rw.exp(a.operands[0] + b.operands[0])
    if node.operator is o.SUBTRACT:
        yield a + -b
        yield -(b - a)
    if node.operator is o.DIVIDE:
        yield a * (1 / b)
        if b.operator is o.EXP:
            yield a * rw.exp(-b.operands[0])


def _of_functions(node):
    a = node.operands[0] if node.operands else None
    if node.operator is o.EXP:
        yield 1 / rw.exp(-a)
        yield rw.log(rw.exp(rw.exp(a)))
        if a.operator is o.ADD:
            yield rw.exp(a.operands[0]) * rw.exp(a.operands[1])
    if node.operator is o.SUM and a.operator is o.MULTIPLY:
        left, right = a.operands
        if not left.shape and right.operator not in (o.ADD, o.SUBTRACT, o.NEGATIVE):
            yield left * rw.sum(right)
    if node.operator is o.LOG:
        yield rw.log(rw.exp(Z) * a) - Z


def edited(rng, root):
    """The expression with one law used at one place."""
    places = [(node, new) for node in topological((root,)) for new in edits(node)
              if new.shape == node.shape]  # fmt: skip
    if not places:
        return root
    node, new = rng.choice(places)
    (after,) = substitute((root,), {node: new})
    return after


@pytest.mark.parametrize("part", range(10))
def test_every_order_of_laws_leads_to_one_normal_form(part):
    changed = 0
    for seed in range(part * TERMS // 10, (part + 1) * TERMS // 10):
        rng = random.Random(seed)
        root = expression(rng, rng.choice((2, 3)))
        wanted = rw.normal_form(root)
        for _ in range(2):
            other = root
            for _ in range(EDITS):
                other = edited(rng, other)
            changed += other is not root
            assert rw.normal_form(other) is wanted, (seed, rw.pprint(root), rw.pprint(other))
    assert changed > TERMS // 10
