"""Readers: for each primitive of JAX, the nodes that say the same. One table a kind."""
