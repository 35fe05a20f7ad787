"""The page where a sticker is bound to the pack that it is on (decision 84)."""
