import pytest

from faults.stages import Zygote, make_inputs, run_all


@pytest.fixture(scope="session")
def zygote(tmp_path_factory):
    zygote = Zygote(tmp_path_factory.mktemp("messages"))
    yield zygote
    zygote.close()


@pytest.fixture(scope="session")
def undisturbed(made_once, zygote):
    """A folder in which all stages have run undisturbed; not to be changed."""

    def run(folder):
        make_inputs(folder)
        run_all(zygote, folder)

    return made_once("undisturbed", run)
