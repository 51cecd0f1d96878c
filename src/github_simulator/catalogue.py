"""Languages, licences and words for generated repositories."""

import base64

# Name, weight among repositories, colour in GitHub Linguist (None: no colour).
# https://github.com/github-linguist/linguist
LANGUAGES: tuple[tuple[str, int, str | None], ...] = (
    ('Python', 190, '#3572A5'),
    ('JavaScript', 160, '#f1e05a'),
    ('Shell', 150, '#89e051'),
    ('HTML', 110, '#e34c26'),
    ('TypeScript', 100, '#3178c6'),
    ('Go', 90, '#00ADD8'),
    ('Java', 90, '#b07219'),
    ('Dockerfile', 80, '#384d54'),
    ('Makefile', 75, '#427819'),
    ('C++', 70, '#f34b7d'),
    ('CSS', 70, '#663399'),
    ('C', 60, '#555555'),
    ('Jupyter Notebook', 40, '#DA5B0B'),
    ('Rust', 35, '#dea584'),
    ('C#', 30, '#178600'),
    ('Ruby', 25, '#701516'),
    ('CMake', 25, '#DA3434'),
    ('Kotlin', 20, '#A97BFF'),
    ('PHP', 18, '#4F5D95'),
    ('Swift', 15, '#F05138'),
    ('HCL', 12, '#844FBA'),
    ('Starlark', 12, '#76d275'),
    ('TeX', 8, '#3D6117'),
    ('Dart', 8, '#00B4AB'),
    ('Objective-C', 8, '#438eff'),
    ('Fortran', 5, '#4d41b1'),
    ('Assembly', 5, '#6E4C13'),
    ('R', 5, '#198CE7'),
    ('SWIG', 3, None),
    ("Cap'n Proto", 2, '#c42727'),
    ('HTML+ERB', 2, '#701516'),
    ('Graphviz (DOT)', 2, '#2596be'),
    ('M4', 2, None),
    ('Visual Basic 6.0', 1, '#2c6353'),
    ('F*', 1, '#572e30'),
    ('D', 1, '#ba595e'),
)
COLOURS = {name: colour for name, _, colour in LANGUAGES}

# SPDX id, weight, GitHub's name. NOASSERTION is a licence file that GitHub
# does not recognise, None is no licence file.
LICENSES: tuple[tuple[str | None, int, str], ...] = (
    (None, 22, ''),
    ('Apache-2.0', 30, 'Apache License 2.0'),
    ('MIT', 28, 'MIT License'),
    ('BSD-3-Clause', 8, 'BSD 3-Clause "New" or "Revised" License'),
    ('NOASSERTION', 7, 'Other'),
    ('GPL-3.0', 3, 'GNU General Public License v3.0'),
    ('MPL-2.0', 2, 'Mozilla Public License 2.0'),
)
LICENSE_NAMES = {spdx_id: name for spdx_id, _, name in LICENSES if spdx_id}

FIRST_WORDS = (
    'cloud',
    'data',
    'deep',
    'edge',
    'fast',
    'graph',
    'kube',
    'mobile',
    'neural',
    'open',
    'parallel',
    'quick',
    'remote',
    'secure',
    'stream',
    'tiny',
    'vector',
    'web',
)
SECOND_WORDS = (
    'agent',
    'bench',
    'builder',
    'cache',
    'client',
    'compiler',
    'console',
    'docs',
    'engine',
    'gateway',
    'index',
    'kit',
    'lint',
    'monitor',
    'notebook',
    'operator',
    'parser',
    'proxy',
    'queue',
    'runtime',
    'scheduler',
    'sdk',
    'server',
    'store',
    'toolbox',
)
DESCRIPTIONS = (
    'A {0} {1} for people in a hurry',
    'The {0} {1}, rewritten',
    'Everything about {0}: {1}, examples and tests',
    '🚀 Blazing fast {0} {1}',
    '{0} {1} — “batteries included”, naïvely simple',
    '高性能な {0} {1} ライブラリ',
    'Быстрый {0} {1}',
    'Tools "around" the {0} {1}; see <https://example.com>',
)


def license_object(spdx_id: str) -> dict[str, str | None]:
    """Return a licence as in REST, keys in GitHub's order."""
    known = spdx_id != 'NOASSERTION'
    key = spdx_id.lower() if known else 'other'
    return {
        'key': key,
        'name': LICENSE_NAMES.get(spdx_id, spdx_id),
        'spdx_id': spdx_id,
        'url': f'https://api.github.com/licenses/{key}' if known else None,
        'node_id': legacy_node_id('License', key),
    }


def legacy_node_id(kind: str, key: str) -> str:
    """Return a global node id in the old format, still used for licences."""
    text = f'{len(kind):02}:{kind}{key}'
    return base64.b64encode(text.encode()).decode()
