"""A daily, gapless warehouse of companies' public GitHub repositories."""

__version__ = '0.1.0'
