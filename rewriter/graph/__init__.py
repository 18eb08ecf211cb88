"""The graph: hash-consed, typed tensor nodes, and the NumPy-like builder that makes them.

``exp(x) / sum(exp(x), axis=-1, keepdims=True)`` builds four nodes: ``exp(x)`` is made once.
"""
