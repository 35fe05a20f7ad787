"""Versions of templates: what differs, what a running contract relies on, how a plan is moved (decision 23)."""
