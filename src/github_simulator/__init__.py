"""A simulated GitHub: a real HTTP server for demo, tests and benchmarks."""

from github_simulator.accounts import AccountSpec, parse_accounts
from github_simulator.errors import PortError, SimulatorError
from github_simulator.recorded import GENERATED_VALUES_NOTE, load_recorded
from github_simulator.simulator import Simulator
from github_simulator.world import World

__all__ = [
    'GENERATED_VALUES_NOTE',
    'AccountSpec',
    'PortError',
    'Simulator',
    'SimulatorError',
    'World',
    'load_recorded',
    'parse_accounts',
]
