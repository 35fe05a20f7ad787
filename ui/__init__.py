"""The screens of the kiosk. They know `kiosk`, and decide nothing about swaps."""
