"""A simulated GitHub: a real HTTP server for demo, tests and benchmarks."""

from github_warehouse.simulator.accounts import AccountSpec, parse_accounts
from github_warehouse.simulator.server import Simulator
from github_warehouse.simulator.world import World

__all__ = ['AccountSpec', 'Simulator', 'World', 'parse_accounts']
