"""Terms: tensor nodes read as scalars at symbolic indices, in a normal form modulo the theory.

``exp(x) / sum(exp(x), axis=-1, keepdims=True)`` reads ``exp(x[i]) · (Σ_j exp(x[j]))^-1``.
"""
