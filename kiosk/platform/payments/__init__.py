"""Who says that a receipt was paid, and what the ERP system tells of it."""
