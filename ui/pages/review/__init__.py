"""The last look before a swap is recorded."""
