"""What is plugged in: barcode scanner, printer by Qt, loudspeaker."""
