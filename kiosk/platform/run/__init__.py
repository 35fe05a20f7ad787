"""The platform's processes: one worker, several under a supervisor, and how they are served."""
