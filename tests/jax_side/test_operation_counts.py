"""What is cured costs no more than what one writes with care: operations and memory, counted."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from compared_forms import FORMS, log_softmax, normal, operations

import rewriter as rw

ROWS, COLUMNS = 6, 32


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_no_more_operations_than_by_hand(form):
    arguments = form.arguments(ROWS, COLUMNS)
    ours = operations(rw.stabilize(form.written), arguments)
    assert ours <= operations(form.careful, arguments)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_three_ways_to_write_a_form_agree(form):
    arguments = form.arguments(ROWS, COLUMNS)
    careful = jax.tree.leaves(form.careful(*arguments))
    for function in (form.numpy, form.written, rw.stabilize(form.written)):
        for value, expected in zip(jax.tree.leaves(function(*arguments)), careful, strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-6)


def test_a_count_leaves_layout_and_what_nobody_reads_aside():
    def function(x):
        jnp.tan(x)
        return jax.jit(lambda y: jnp.sin(y)[None].T + 1)(x)

    assert operations(function, (np.ones(3, np.float32),)) == 2


LABELS = np.array([3, 0, 31, 7, 7, -1], np.int32)
PICKS = {
    "rows and labels": lambda lp, labels: lp[jnp.arange(ROWS), labels],
    "labels along the rows": lambda lp, labels: jnp.take_along_axis(lp, labels[:, None], 1),
    "a label a row": lambda lp, labels: jax.vmap(lambda row, label: row[label])(lp, labels),
    "one-hot": lambda lp, labels: lp * jax.nn.one_hot(labels % COLUMNS, COLUMNS),
    "one row after another": lambda lp, labels: jnp.stack([lp[i, labels[i]] for i in range(ROWS)]),
}


def largest(graph):
    """The number of elements of the largest tensor in a graph."""
    return max(int(np.prod(node.shape)) for node in graph.nodes())


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_nothing_grows_beyond_what_was_there(form):
    graph = rw.from_jax(form.written, *form.arguments(ROWS, COLUMNS))
    assert largest(rw.optimize(graph)) <= largest(graph)


@pytest.mark.parametrize("name", PICKS)
def test_picking_labels_costs_no_more_than_the_logits(name):
    def loss(x, labels):
        return -jnp.mean(PICKS[name](log_softmax(x), labels))

    x = normal(0, ROWS, COLUMNS) * 1000
    cured = rw.optimize(rw.from_jax(jax.grad(loss), x, LABELS))
    assert largest(cured) == ROWS * COLUMNS
    careful = jax.grad(lambda x: -jnp.mean(PICKS[name](jax.nn.log_softmax(x), LABELS)))(x)
    np.testing.assert_allclose(rw.compile(cured)(x, LABELS), careful, atol=1e-7)


def count(function, operator, *arguments):
    """How many nodes of an operator the cured function has."""
    graph = rw.optimize(rw.from_jax(function, *arguments))
    return sum(node.operator.name == operator for node in graph.nodes())


LOGITS = normal(0, ROWS, COLUMNS)


def squared(x):
    return jnp.sum(jax.vmap(lambda row: jnp.exp(row) / jnp.sum(jnp.exp(row)))(x) ** 2)


def test_the_square_of_a_probability_is_no_other_exponential():
    assert count(jax.grad(squared), "exp", LOGITS) == 1


def test_a_mask_after_the_exponential_takes_no_other_exponential():
    def loss(x, labels):
        return -jnp.mean(log_softmax(x)[jnp.arange(ROWS), labels])

    assert count(jax.grad(loss), "exp", LOGITS, LABELS) == 1


def test_a_mask_is_applied_once_for_a_maximum_and_what_it_is_taken_from():
    def attention(scores):
        e = jnp.exp(scores) * jnp.tri(ROWS, COLUMNS)
        return e / jnp.sum(e, axis=-1, keepdims=True)

    assert count(attention, "where", LOGITS) == 1
    with_inf = np.where(np.tri(ROWS, COLUMNS) > 0, 1000 * LOGITS, -np.inf)
    cured = rw.stabilize(attention)(1000 * LOGITS)
    np.testing.assert_allclose(cured, jax.nn.softmax(with_inf), atol=1e-6)


def test_rows_without_anything_to_attend_to_are_what_is_written():
    kept = np.tri(ROWS, COLUMNS, -1)

    def attention(scores):
        e = jnp.exp(scores) * kept
        return jnp.where(kept.any(axis=1)[:, None], e / jnp.sum(e, axis=-1, keepdims=True), 7.0)

    cured = rw.stabilize(attention)(1000 * LOGITS)
    assert (cured[0] == 7).all()
    with_inf = np.where(kept > 0, 1000 * LOGITS, -np.inf)
    np.testing.assert_allclose(cured[1:], jax.nn.softmax(with_inf[1:]), atol=1e-6)
