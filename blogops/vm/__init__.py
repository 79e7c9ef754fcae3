"""Boots a blank Debian on this machine, for the demo and the tests.

>>> from blogops import vm
>>> machine = vm.up("demo")
>>> vm.down("demo")
"""

from blogops.vm.lifecycle import down, up
from blogops.vm.machine import Machine
from blogops.vm.store import get, machines

__all__ = ["Machine", "down", "get", "machines", "up"]
