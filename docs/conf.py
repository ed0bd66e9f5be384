"""How the site is built: MyST pages, and what is drawn and written from the code itself."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from cellsim import __version__

project = "cellsim"
author = "the cellsim developers"
copyright = author
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "kinds",  # writes docs/kinds/*.md and the pictures
    "commands",  # the directive {commands}
    "mathml",  # equations without a script from elsewhere
]
exclude_patterns = ["_build", "_ext"]

myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings name the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"cellsim {release}"
smartquotes = False  # "--set" is no dash
html_math_renderer = "mathml"
html_copy_source = False
html_show_copyright = False
