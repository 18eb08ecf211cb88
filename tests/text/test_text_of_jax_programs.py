"""Graphs of JAX programs as text: bodies of calls, conventions, hints of how they were spelt."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import jax
import jax.numpy as jnp
import pytest

import rewriter as rw
from rewriter.text.parsing import parse
from rewriter.text.printing import pprint, tree_text

MATRIX, VECTOR = jnp.ones((3, 4)), jnp.arange(4.0)


def loss(x: jax.Array) -> jax.Array:
    return -jnp.log(jax.nn.softmax(x))[2]


PROGRAMS: dict[str, tuple[Callable[..., object], tuple[object, ...]]] = {
    "a gradient": (jax.grad(loss), (VECTOR,)),
    "a hessian": (jax.hessian(loss), (VECTOR,)),
    "powers": (lambda x: x**3 + x**-2 + jnp.square(x) + x ** jnp.int32(2), (VECTOR,)),
    "low precision": (lambda x: x.astype(jnp.bfloat16) @ jnp.ones(4, jnp.bfloat16), (MATRIX,)),
    "a custom rule": (lambda x: jax.nn.relu(x) + jax.nn.silu(x), (MATRIX,)),
    "control flow": (lambda x: jax.lax.cond(x.sum() > 0, jnp.sin, jnp.cos, x), (VECTOR,)),
    "pytrees": (lambda d: {"sum": d["a"] + d["b"][0], "same": d["a"]}, ({"a": 1.0, "b": [2]},)),
    "several results": (lambda x: jnp.linalg.qr(x), (MATRIX,)),
    "gathers": (lambda x, i: x[i, ::2].at[0].add(1.0), (MATRIX, jnp.array([2, 0]))),
    "random keys": (lambda key: jax.random.gumbel(key, (3,)), (jax.random.key(0),)),
    "large constants": (lambda x: x @ jnp.sin(jnp.arange(40.0)).reshape(4, 10), (MATRIX,)),
    "float8": (lambda x: x.astype(jnp.float8_e4m3fn).astype(jnp.float32), (VECTOR,)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_read_back(name: str) -> None:
    program, arguments = PROGRAMS[name]
    graph = rw.from_jax(program, *arguments)
    text = str(graph)
    assert parse(text) is graph, text
    assert "0x" not in text
    assert tree_text(graph)
    assert pprint(graph)


def test_hints_are_in_the_text_and_not_in_the_formula() -> None:
    graph = rw.from_jax(lambda x: x**3, VECTOR)
    assert "spelling=integer_pow" in str(graph)
    assert pprint(graph) == "x ** 3"


def test_a_convention_is_let_go_with_its_graphs() -> None:
    graph = rw.from_jax(lambda x: x * 17.25, VECTOR)
    assert "convention <Convention" in str(graph)
    alive = weakref.ref(graph.convention)
    del graph
    gc.collect()
    assert alive() is None
