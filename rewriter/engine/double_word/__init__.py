"""Numbers of twice the digits that floats have: pairs of floats whose sum they are."""
