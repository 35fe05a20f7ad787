"""What is read from a battery, whether it is fit, and whether two readings of it can both be true."""
