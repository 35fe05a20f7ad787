"""The other end of the wire: the reference ABS platform."""
