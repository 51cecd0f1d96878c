#!/opt/venv/bin/python -I
"""Run github-warehouse with the container's settings, never as root.

Installed as `github-warehouse`. cron must run as root and gives its jobs no
environment. So the settings come from the environment of the container's first
process and from the files in /run/secrets, each named after its setting; an
empty file is not a setting. They are in no image, crontab or command line.
"""

import os
import pwd
import sys
from pathlib import Path

FIRST_PROCESS = Path('/proc/1/environ')
SECRETS = Path('/run/secrets')
USER = 'app'


def container_environment() -> dict[str, str]:
    """Read the environment of the first process, which only root can."""
    pairs = os.fsdecode(FIRST_PROCESS.read_bytes()).split('\0')
    return dict(pair.split('=', 1) for pair in pairs if '=' in pair)


def secrets() -> dict[str, str]:
    """Read the settings from files."""
    files = sorted(SECRETS.iterdir()) if SECRETS.is_dir() else []
    values = {file.name: file.read_text('utf-8').strip() for file in files}
    return {name: value for name, value in values.items() if value}


def become(name: str) -> str:
    """Drop root's privileges; return the user's home directory."""
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    return user.pw_dir


def main() -> None:
    environment = dict(os.environ)
    if os.getuid() == 0:
        environment |= container_environment()
        environment |= {'HOME': become(USER), 'LOGNAME': USER, 'USER': USER}
    environment |= secrets()
    command = [sys.executable, '-m', 'github_warehouse', *sys.argv[1:]]
    os.execve(sys.executable, command, environment)


if __name__ == '__main__':
    main()
