"""The pages of who works here: sign in, locked, hand over."""
