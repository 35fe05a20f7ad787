"""What a battery tells, whether it is fit, and whether two readings of it can both be true."""
