"""Engines run in the test's process here, with the threads' manners that hosts give them."""

import os

# Read by OpenMP when it is loaded; threads that spin would take the cores from all else that is tested.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
