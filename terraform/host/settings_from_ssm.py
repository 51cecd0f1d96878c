"""Write the settings in SSM to env.local.

    python3 settings_from_ssm.py /PROJECT REGION env.local [NAME=VALUE]...

Each parameter /PROJECT/NAME becomes a line NAME=VALUE, which replaces that of
the file and a NAME=VALUE argument; other lines of the file stay. Runs on the
host, with its role and Ubuntu's boto3.
"""

import os
import re
import sys
from pathlib import Path

import boto3


def read_parameters(path: str, region: str) -> dict[str, str]:
    """Read every parameter directly under a path, decrypted."""
    pages = (
        boto3.client('ssm', region_name=region)
        .get_paginator('get_parameters_by_path')
        .paginate(Path=path, WithDecryption=True)
    )
    return {
        parameter['Name'].removeprefix(f'{path}/'): parameter['Value'].strip()
        for page in pages
        for parameter in page['Parameters']
    }


def merge(text: str, settings: dict[str, str]) -> str:
    """Return the text of a file with these settings replaced."""
    kept = [
        line
        for line in text.splitlines()
        if line.partition('=')[0] not in settings
    ]
    replaced = [f'{name}={value}' for name, value in sorted(settings.items())]
    return '\n'.join([*kept, *replaced, ''])


def main() -> None:
    path, region, file_name, *given = sys.argv[1:]
    settings = dict(each.split('=', 1) for each in given)
    settings |= read_parameters(path, region)
    for name, value in settings.items():
        if not re.fullmatch('[A-Z][A-Z0-9_]*', name) or '\n' in value:
            sys.exit(
                f'{path}/{name} is not a setting: its name must be upper case '
                'and its value one line'
            )
    file = Path(file_name)
    text = file.read_text('utf-8') if file.exists() else ''
    part = file.with_name(f'{file.name}.part')
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, 'w', encoding='utf-8') as opened:
        opened.write(merge(text, settings))
    part.replace(file)
    print(f'wrote {len(settings)} settings of {path} to {file_name}')


if __name__ == '__main__':
    main()
