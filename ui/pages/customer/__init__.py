"""The page that finds the customer."""
