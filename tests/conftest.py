"""Makes this directory importable, so that suites share modules such as ``random_graphs``."""
