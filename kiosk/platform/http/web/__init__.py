"""The page for people: what the platform has recorded, what waits for a person, and the events as they come. It reads and changes nothing.

`routes` has the addresses and streams the events; `pages` reads what a page shows and makes words of it. Nothing is imported here.
"""
