"""Links on real wires. The suite is `conformance.py`; one `test_<protocol>.py` runs it over each protocol."""

import pytest

pytest.register_assert_rewrite("tests.links.suite")
