"""Building: from scaled terms back to the nodes of a graph."""
