"""SQLAlchemy's engine, column types and errors. Both stores use them."""
