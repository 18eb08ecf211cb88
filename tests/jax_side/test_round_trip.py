"""A program that was read and lowered again is the program: same bits, same compiled operations."""

import functools
import re
from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax_programs import KEYWORDS, OPAQUE, PLAIN

import rewriter as rw
from rewriter.graph import operators as o
from rewriter.jax.importing import from_jax
from rewriter.jax.lowering import to_jax

ALL = {**PLAIN, **{name: program[:2] for name, program in OPAQUE.items()}}


def bits(leaf):
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        leaf = jax.random.key_data(leaf)
    return np.asarray(leaf).tobytes()


@functools.cache
def compiled(name):
    """A program, and what it is once read and lowered again, compiled."""
    (function, args), kwargs = ALL[name], KEYWORDS.get(name, {})
    again = to_jax(from_jax(function, *args, **kwargs))
    return [jax.jit(each).lower(*args, **kwargs).compile() for each in (function, again)]


def operations(program):
    return Counter(re.findall(r"=\s*\S+\s+([a-z][a-z0-9-]*)\(", program.as_text()))


def called(graph):
    return {n.attribute("name") for n in graph.nodes() if n.operator is o.CALL}


@pytest.mark.parametrize("name", ALL)
def test_same_values_and_types(name):
    (_, args), kwargs = ALL[name], KEYWORDS.get(name, {})
    before, after = (program(*args, **kwargs) for program in compiled(name))
    assert jax.tree.structure(before) == jax.tree.structure(after)
    for left, right in zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True):
        assert left.aval == right.aval
        assert left.aval.weak_type == right.aval.weak_type
        assert bits(left) == bits(right)


@pytest.mark.parametrize("name", [n for n in ALL if n != "checkpoint"])  # nothing is recomputed
def test_same_operations_when_compiled(name):
    before, after = compiled(name)
    assert operations(after) == operations(before)


@pytest.mark.parametrize("name", PLAIN)
def test_read_without_opaque_calls(name):
    (function, args), kwargs = PLAIN[name], KEYWORDS.get(name, {})
    assert called(from_jax(function, *args, **kwargs)) == set()


@pytest.mark.parametrize("name", OPAQUE)
def test_carried_through(name):
    function, args, names = OPAQUE[name]
    assert called(from_jax(function, *args)) == names


@pytest.mark.parametrize("name", ALL)
def test_a_second_trace_is_the_same_graph(name):
    (function, args), kwargs = ALL[name], KEYWORDS.get(name, {})
    first = from_jax(lambda *a, **k: function(*a, **k), *args, **kwargs)
    assert from_jax(lambda *a, **k: function(*a, **k), *args, **kwargs) is first


def test_wide_floats():
    with jax.enable_x64(True):
        x = jnp.linspace(0.0, 1.0, 4)
        graph = from_jax(lambda x: (x / 3, jnp.argmax(x), x.astype("float32")), x)
        assert [n.dtype for n in graph.outputs] == ["float64", "int64", "float32"]
        assert [a.dtype.name for a in to_jax(graph)(x)] == ["float64", "int64", "float32"]
        assert bits(to_jax(graph)(x)[0]) == bits(x / 3)


@pytest.mark.parametrize(("dtype", "largest"), [("float32", 126), ("float64", 1022)])
def test_powers_of_two_by_their_bits(dtype, largest):
    """Of whole numbers as wide as the float; beyond its exponents the last that has an inverse."""
    numbers = [0, 1, -1, 5, largest, -largest, largest + 9, -largest - 9]
    with jax.enable_x64(dtype == "float64"):
        k = rw.input("k", (8,), dtype.replace("float", "int"))
        graph = rw.Graph([k], [rw.binade(rw.exp2(rw.astype(k, dtype)))])
        whole = np.array(numbers, graph.inputs[0].dtype)
        function = to_jax(graph)
        assert "bitcast_convert_type" in str(jax.make_jaxpr(function)(whole))
        again = from_jax(function, whole)
        assert not any(node.operator is o.CALL for node in again.ordered)
        wanted = np.ldexp(np.ones(8, dtype), np.clip(numbers, -largest, largest))
        for made in (function, to_jax(again), jax.jit(function), rw.compile(graph)):
            np.testing.assert_array_equal(np.asarray(made(whole)), wanted)
