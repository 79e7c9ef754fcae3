"""The checks notice: each must fail where the engine has a part of another tool in it, and holds without."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from faults import checks
from faults.bench import Bench
from faults.measured import Numbers

pytestmark = pytest.mark.vm

Check = Callable[..., None]
CAUGHT: list[tuple[str, Check]] = [
    ("Capistrano's switch", checks.a_cut_switch_is_no_trap),
    ("Capistrano's target", checks.a_cut_deploy_is_not_gone_back_from),
    ("Capistrano's prune", checks.what_is_live_is_never_pruned),
    ("Mina's rollback", checks.one_release_is_no_way_back),
    ("Deployer's target", checks.what_was_never_live_is_no_target),
    ("ln -nfs of old", partial(checks.switches_lose_nothing, count=200)),
]


@pytest.fixture
def scratch(bench: Bench) -> Iterator[Bench]:
    """Return the blog for a test that may ruin it, and counts for nothing."""
    numbers, bench.numbers = bench.numbers, Numbers()
    bench.start_over()
    yield bench
    bench.start_over()
    bench.numbers = numbers


@pytest.mark.parametrize(("mutant", "check"), CAUGHT, ids=[name for name, _ in CAUGHT])
def test_a_mutant_is_noticed(scratch: Bench, numbers: Numbers, mutant: str, check: Check) -> None:
    check(scratch)
    with pytest.raises(AssertionError):
        check(scratch, mutant=mutant)
    numbers.noticed.append(mutant)
