"""Faults: a blog on a real Debian, asked for its pages all the while, and whatever can happen to it.

`inside` and `mutants` are also sent to the machine and run there with the toolkit's Python.
"""
