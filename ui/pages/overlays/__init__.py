"""The pages behind the status line; they lie over the page of the swap."""
