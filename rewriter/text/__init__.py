"""Graphs as text: a form that reads back to the same graph, an indented tree, and infix formulas.

``print(graph)`` and ``rewriter.parse(text)`` are inverses; ``dprint`` and ``pprint`` are for
reading only.
"""
