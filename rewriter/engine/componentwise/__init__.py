"""``accuracy="componentwise"``: every element as its limit and what is beside it."""
