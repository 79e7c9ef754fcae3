"""Imported by each Python of the toolkit while a test has it so: brings the fault into a real command."""

import json

from faults.striking import HERE, Fault, afflict

afflict(Fault(**json.loads((HERE / "fault.json").read_text())))
