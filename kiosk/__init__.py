"""Rules and services of the swap kiosk; runs without Qt."""
