"""The pages of the returned and of the new battery."""
