"""A user's own rules on a graph: where they apply, in which order, and why they do not."""
