# SPDX-License-Identifier: MIT
"""Sphinx configuration of ./dev docs; the kernel-doc extension is the unpacked kernel's."""

import os
import sys

sys.path.insert(0, os.path.join(os.environ["srctree"], "Documentation", "sphinx"))

project = "drm_nova"
copyright = "the drm_nova authors"
extensions = ["kerneldoc"]
kerneldoc_srctree = os.environ["NOVA_TOP"]
primary_domain = "c"
highlight_language = "none"
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "description": "Memory management of NVIDIA GPUs"}
