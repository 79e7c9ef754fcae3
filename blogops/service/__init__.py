"""The small HTTP service behind nginx, run by supervisor."""
