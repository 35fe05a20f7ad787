"""What every foreseen stop is."""


class KioskError(Exception):
    """Something that stops a step, foreseen and with a way on."""

    @property
    def for_log(self) -> str:
        """What a log may hold: nobody's name."""
        return str(self)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in vars(self).items())
        return f"{type(self).__name__}({facts})"
