"""The page after the swap: hand over, print, go on."""
