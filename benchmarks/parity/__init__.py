"""The same tree built by Pelican and by blogops, and what differs, URL by URL."""
