"""A simulated GitHub: a real HTTP server for demo, tests and benchmarks."""

from github_warehouse.simulator.accounts import AccountSpec, parse_accounts
from github_warehouse.simulator.recorded import SUPPLIED_NOTE, load_recorded
from github_warehouse.simulator.server import Simulator
from github_warehouse.simulator.world import World

__all__ = [
    'SUPPLIED_NOTE',
    'AccountSpec',
    'Simulator',
    'World',
    'load_recorded',
    'parse_accounts',
]
