"""The page that takes a payment."""
