"""The page for people: what the platform has recorded, what waits for a person, and the events as they come. It reads and changes nothing.

`routes` has the addresses; `page_data` reads what a page shows; `page_values` makes words of its rows; `live` streams the events. Nothing
is imported here.
"""
