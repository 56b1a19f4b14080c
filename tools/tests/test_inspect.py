#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of nova-inspect on what two GPUs wrote while three programs held memory.

usage: test_inspect.py NOVA_INSPECT FIXTURES

Numbers expected here were added up from the recorded files by other means than the program's.
"""

import importlib.machinery
import importlib.util
import pathlib
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree

SCRIPT, FIXTURES = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def load():
    loader = importlib.machinery.SourceFileLoader("nova_inspect", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("nova_inspect", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


inspect = load()
GPUS = sorted(path for path in FIXTURES.iterdir() if path.is_dir())


def run(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)


class Parsing(unittest.TestCase):
    def each(self):
        self.assertTrue(GPUS)
        for path in GPUS:
            with self.subTest(path.name):
                yield path, inspect.Gpu.read(path)

    def test_every_object_is_found(self):
        for path, gpu in self.each():
            sums = re.search(r"^all objects +(\d+) +(\d+) KiB", (path / "gem").read_text(), re.M)
            self.assertEqual(len(gpu.objects), int(sums[1]))
            self.assertEqual(sum(obj.kib for obj in gpu.objects), int(sums[2]))

    def test_pieces_are_the_size_of_their_object(self):
        for _, gpu in self.each():
            for obj in gpu.objects:
                pieces = sum(length for _, length in obj.extents)
                self.assertEqual(pieces, obj.kib * 1024 if obj.where == "vram" else 0, obj.title)

    def test_runs_cover_vram_once(self):
        for _, gpu in self.each():
            at, end = gpu.span()
            for start, last, _, _ in gpu.runs():
                self.assertEqual(start, at)
                self.assertGreater(last, start)
                at = last
            self.assertEqual(at, end)
            free = sum(last - start for start, last, _, is_free in gpu.runs() if is_free)
            self.assertEqual(free, gpu.total - gpu.used)

    def test_owners_add_up(self):
        for path, gpu in self.each():
            text = (path / "gem").read_text()
            for region in ("vram", "gtt", "memory"):
                kib = int(re.search(rf"^{region} +\d+ +(\d+) KiB", text, re.M)[1])
                self.assertEqual(sum(sums[region] for sums in gpu.owners().values()), kib * 1024)

    def test_mappings_and_leaves_agree(self):
        for path, gpu in self.each():
            self.assertIn("bar1", gpu.spaces)
            for space in gpu.spaces.values():
                leaves = sum(entry.size for entry in space.entries if entry.leaf)
                self.assertEqual(leaves, sum(row[4] for row in space.leaves) * 1024, space.name)
                if space.name != "bar1":
                    mapped = sum(m.end - m.start for m in space.mappings if m.obj is not None)
                    self.assertEqual(mapped, leaves, space.name)

    def test_every_line_of_tables_is_understood(self):
        for path, gpu in self.each():
            lines = len(re.findall(r"^ *P[DT]\w* +0x", (path / "pagetables").read_text(), re.M))
            self.assertEqual(sum(len(space.entries) for space in gpu.spaces.values()), lines)

    def test_leaves_lead_to_the_object_of_the_mapping(self):
        for _, gpu in self.each():
            for space in gpu.spaces.values():
                for m in space.mappings:
                    leaf = next((e for e in space.entries if e.leaf and e.va <= m.start < e.va + e.size), None)
                    if leaf and leaf.leaf[0] == "vram":
                        self.assertEqual(gpu.object_at(leaf.leaf[1] + m.start - leaf.va).id, m.obj)

    def test_windows_are_inside_bar1(self):
        for _, gpu in self.each():
            self.assertTrue(gpu.windows)
            self.assertTrue(all(start < end <= gpu.bar1 for start, end, _ in gpu.windows))


class Drawing(unittest.TestCase):
    def test_map_shows_each_owner_and_what_is_free(self):
        for path in GPUS:
            gpu = inspect.Gpu.read(path)
            text = inspect.Text(gpu, 100, False)
            cells = "".join(line[15:] for line in text.vram() if re.match(r"0x[0-9a-f]{11}  ", line))
            for owner, letter in text.letters.items():
                if gpu.owners()[owner]["vram"]:
                    self.assertIn(letter, cells.lower())
            self.assertIn(".", cells)
            self.assertIn("#", cells)

    def test_lines_fit(self):
        for path in GPUS:
            text = inspect.Text(inspect.Gpu.read(path), 80, False)
            for line in list(text.vram()) + list(text.blocks()) + list(text.bar1()):
                self.assertLessEqual(len(line), 80, line)

    def test_svg_is_well_formed_and_alone(self):
        for path in GPUS:
            gpu = inspect.Gpu.read(path)
            text = inspect.Drawing(gpu).svg()
            root = xml.etree.ElementTree.fromstring(text)
            titles = [t.text for t in root.iter("{http://www.w3.org/2000/svg}title")]
            for obj in gpu.objects:
                if obj.where == "vram":
                    self.assertTrue(any(obj.title in title for title in titles), obj.title)
            self.assertNotRegex(text, r"href|url\(|<script|<image")

    def test_html_escapes_labels(self):
        texts = {name: (GPUS[0] / name).read_text() for name in inspect.FILES}
        label = inspect.Gpu(texts).objects[0].label
        texts["gem"] = texts["gem"].replace(label, "<b>&evil")
        text = inspect.Drawing(inspect.Gpu(texts)).html()
        self.assertIn("&lt;b&gt;&amp;evil", text)
        self.assertNotIn("<b>&evil", text)
        self.assertEqual(text.count("<details>"), text.count("</details>"))

    def test_sizes(self):
        self.assertEqual([inspect.size(n) for n in (0, 4096, 1536, 3 << 30)], ["0 B", "4 KiB", "1.5 KiB", "3 GiB"])


class Program(unittest.TestCase):
    def test_every_part_prints(self):
        for path in GPUS:
            result = run("-d", path, "summary", "vram", "vm", "tables", "bar1")
            self.assertEqual(result.returncode, 0, result.stderr)
            for word in ("VRAM", "BAR1", "mappings", "PD0", "free block"):
                self.assertIn(word, result.stdout)
            self.assertNotIn("\x1b", result.stdout)

    def test_one_address_space(self):
        pid = re.search(r"vm \d+ pid (\d+)", (GPUS[0] / "gpuvas").read_text())[1]
        result = run("-d", GPUS[0], "--vm", pid, "vm")
        self.assertEqual(len(re.findall(r"^vm \d+ pid", result.stdout, re.M)), 1)

    def test_live_draws_again(self):
        result = run("-d", GPUS[0], "--live", "0.01", "--count", "3", "--color", "always")
        self.assertEqual(result.stdout.count("VRAM from"), 3)
        self.assertIn("\x1b[32m", result.stdout)

    def test_errors_are_one_line(self):
        for arguments in (("-d", "/nonexistent"), ("nonsense",)):
            result = run(*arguments)
            self.assertNotEqual(result.returncode, 0)
            self.assertNotIn("Traceback", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=0)
