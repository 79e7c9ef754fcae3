"""The builder beside Pelican, Nikola and Hugo: one text for all of them, and what changing it costs."""
