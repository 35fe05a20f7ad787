"""One library each, nothing but translation."""
