"""Errors of the simulated GitHub, each a message of one line."""


class SimulatorError(Exception):
    """What was asked of the simulator cannot be done."""


class PortError(SimulatorError):
    """The address or port cannot be listened on."""
