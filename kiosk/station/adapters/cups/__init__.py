"""Printing over CUPS: `ipp` speaks its protocol, `print_system` asks, `printer_state` says what its words mean, `cups_printer` prints."""

from kiosk.station.adapters.cups.cups_printer import CupsPrinter

__all__ = ["CupsPrinter"]
