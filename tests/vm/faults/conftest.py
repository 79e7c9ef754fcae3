"""One machine for the whole suite, set up once; the numbers are written when it is over."""

from collections.abc import Callable, Iterator

import pytest

from blogops import vm
from faults.bench import Bench
from faults.measured import Numbers, place


@pytest.fixture(scope="package")
def numbers(pytestconfig: pytest.Config) -> Iterator[Numbers]:
    """Collect what the tests measure."""
    numbers = Numbers()
    yield numbers
    numbers.write(place(pytestconfig))


@pytest.fixture(scope="package")
def bench(
    numbers: Numbers, workshop: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """Return a blog that is live, with one release before the live one."""
    bench = Bench(workshop(13), tmp_path_factory.mktemp("faults") / "blog", numbers)
    bench.write_blog()
    bench.done("setup")
    bench.done("deploy")
    bench.ssh("rm /etc/cron.d/blogops-blog")  # what is struck here is not mended each minute
    bench.open()
    bench.start_over()
    yield bench
    bench.close()
    bench.ssh("rm -rf /tmp/faults")
    bench.done("purge", "--yes")
