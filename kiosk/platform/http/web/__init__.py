"""The page for people: what the platform has booked, what waits for a person, and the events as they come. It reads and changes nothing.

`routes` is the way in; `views` turns rows into words; `live` follows the events. Nothing is imported here.
"""
