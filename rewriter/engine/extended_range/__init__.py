"""Extended range: what no law bounds is computed as principal parts and powers of two."""
