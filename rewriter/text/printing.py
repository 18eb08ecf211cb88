"""The printers for reading: ``dprint``, an indented tree, and ``pprint``, a formula."""

from rewriter.text.infix import pprint
from rewriter.text.tree import dprint, tree_text

__all__ = ["dprint", "pprint", "tree_text"]
