"""The kinds of battery that are described here, one file each, found by themselves.

A file `acme.py` put into this folder makes the kiosk recognise, read and simulate batteries of the kind "acme". It holds
`PROTOCOL = BatteryProtocol(name="acme", ...)`, see `battery_protocol`; `protocol_registry` finds it. Importing it must not import bleak,
which takes a third of a second: what needs bleak is imported where it is used.
"""
