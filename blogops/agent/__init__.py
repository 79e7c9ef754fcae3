"""Runs a plan on the server: look, compare, act, or say why nothing was done.

It starts on every run, so a module of the library that costs milliseconds is imported where it is used.
Standard library only, and nothing from the rest of blogops: the laptop sends this package as a zip, and
the server runs it as ``/usr/bin/python3 -I -S``.
"""
