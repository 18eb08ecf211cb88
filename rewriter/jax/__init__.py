"""JAX on both sides: programs become graphs, graphs become programs, functions become stable ones.

>>> from rewriter.jax.importing import from_jax
>>> from rewriter.jax.lowering import to_jax
>>> import jax.numpy as jnp
>>> to_jax(from_jax(lambda x: {"total": x.sum()}, jnp.ones(3)))(jnp.ones(3))
{'total': Array(3., dtype=float32)}
"""

from importlib import import_module

from rewriter.errors import needing

with needing("what is for JAX"):
    import_module("jax")
