"""Writers: for each primitive of the graph, the primitive of JAX that it is. One table a kind."""
