"""Side-by-side runs, each printing a table: ``make bench``. Figures, never assertions."""
