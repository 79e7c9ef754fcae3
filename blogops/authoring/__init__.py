"""What an author does at the desk: a new post, a look at it, a check, another slug."""
