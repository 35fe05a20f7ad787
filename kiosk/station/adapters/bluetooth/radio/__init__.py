"""The one owner of the Bluetooth adapter, its errors, and what can be repaired."""
