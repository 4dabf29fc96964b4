import pytest

from faults.stages import Zygote, make_inputs, run_all


@pytest.fixture(scope="session")
def zygote(tmp_path_factory):
    zygote = Zygote(tmp_path_factory.mktemp("messages"))
    yield zygote
    zygote.close()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, zygote):
    """A folder in which all stages have run undisturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    make_inputs(folder)
    run_all(zygote, folder)
    return folder
