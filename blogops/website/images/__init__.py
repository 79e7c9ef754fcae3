"""Images of a site: their size, what is published of them, their smaller and newer versions, their HTML."""
