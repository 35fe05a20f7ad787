"""One file for each way in which batteries answer."""
