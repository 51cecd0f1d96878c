"""`python -m github_warehouse` is the command line."""

from github_warehouse.cli import main

main()
