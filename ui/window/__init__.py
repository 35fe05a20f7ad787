"""The window from its first picture to its end."""
