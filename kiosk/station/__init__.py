"""The counter: services written against ports, and the adapters that implement them."""
