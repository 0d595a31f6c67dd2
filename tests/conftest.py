"""Options of the test suite."""


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="write the generated source anew instead of comparing it")
