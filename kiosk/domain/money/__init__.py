"""What a swap costs, what a payment buys, and the code to pay by."""
