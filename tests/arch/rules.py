# SPDX-License-Identifier: Apache-2.0
"""Rules on the text of sources. Each takes a path and a text and yields what breaks it."""

import fnmatch
import re

import allowed

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
SPDX = "SPDX-License-Identifier: Apache-2.0"

# Not in GCC 12 or Clang 14, or only in part.
TOO_NEW = {"format", "expected", "source_location", "print", "generator", "stacktrace"}

FORBIDDEN_CODE = {
    r"(?<![\w.>])(?:std::|::)?system\s*\(": "system() runs a shell: use ProcessRunner",
    r"\bpopen\s*\(": "popen() runs a shell: use ProcessRunner",
    r"\bsleep_(?:for|until)\s*\(": "a sleep cannot be stopped: use Clock::wait_until()",
    r'"(?:/bin/)?(?:ba)?sh"\s*,\s*"-c"': "no shell strings: pass an argv",
}

# Written so that they do not find themselves.
FORBIDDEN_WORDS = {
    r"(?<![\w/])/[w]ork/": "a path of one machine",
    r"\b[f]arm-\w+": "a tool of one workplace",
    r"\b[i]ssue\s+#?\d+\b": "a number that means nothing to readers",
    r"\b(?:[T]ODO|[F]IXME|[X]XX:)": "unfinished work",
}


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def without_comments(text):
    """The code with comments blanked out, so that positions stay; strings are kept."""
    pattern = re.compile(
        r'R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
        r"|//[^\n]*|/\*.*?\*/",
        re.DOTALL,
    )

    def blank(match):
        found = match.group()
        return re.sub(r"[^\n]", " ", found) if found.startswith("/") else found

    return pattern.sub(blank, text)


def folder_of(path):
    """The architectural folder of a source; None for one that belongs to none."""
    parts = path.split("/")
    if parts[0] == "apps":
        return "apps"
    if parts[0] == "lib" and len(parts) > 2:
        return parts[1]
    return None


def layer_of(folder):
    for rank, folders in enumerate(allowed.LAYERS):
        if folder in folders:
            return rank
    return None


def direction(path, text):
    """Includes point left."""
    here = folder_of(path)
    if here is None:
        return
    for match in INCLUDE.finditer(without_comments(text)):
        quote, name = match.groups()
        there = name.split("/")[0]
        line = line_of(text, match.start())
        if here == "include":
            if quote == '"' and there != "drctl":
                yield line, f'installed headers include nothing internal: "{name}"'
            continue
        if quote != '"' or there == "drctl" or there == here or here == "apps":
            continue
        if layer_of(here) is None:
            yield line, f"lib/{here} has no place in tests/arch/allowed.py"
            return
        if layer_of(there) is None:
            yield line, f'"{name}" is in no known folder'
        elif layer_of(there) > layer_of(here):
            yield line, f'{here} includes "{name}", which is right of it'
        elif layer_of(there) == layer_of(here) and (here, there) not in allowed.MIDDLE:
            yield line, f'{here} includes "{name}", its neighbour, without a reason'


def third_party(path, text):
    """Headers of other projects stay where they are wrapped."""
    if folder_of(path) is None:
        return
    for match in INCLUDE.finditer(without_comments(text)):
        name = match.group(2)
        for prefix, patterns in allowed.THIRD_PARTY.items():
            if not name.startswith(prefix):
                continue
            installed = path.startswith("lib/include/")
            if installed or not any(fnmatch.fnmatchcase(path, one) for one in patterns):
                yield line_of(text, match.start()), f"<{name}> is not to be included here"


def compilers(path, text):
    """What GCC 12 and Clang 14 do not have."""
    for match in INCLUDE.finditer(without_comments(text)):
        if match.group(2) in TOO_NEW:
            yield line_of(text, match.start()), f"<{match.group(2)}> is too new for our compilers"


def code(path, text):
    """Calls that have a safe counterpart in the library."""
    if folder_of(path) is None:
        return
    plain = without_comments(text)
    for pattern, reason in FORBIDDEN_CODE.items():
        for match in re.finditer(pattern, plain):
            yield line_of(text, match.start()), reason


def first_lines(path, text):
    """The license, then, in headers, the guard."""
    lines = text.split("\n", 3)
    mark = "//" if path.endswith((".hpp", ".cpp", ".hpp.in")) else "#"
    first = 1 if lines[0].startswith("#!") else 0
    if first >= len(lines) or lines[first] != f"{mark} {SPDX}":
        yield first + 1, f"begins without '{mark} {SPDX}'"
    elif path.endswith((".hpp", ".hpp.in")) and lines[1:2] != ["#pragma once"]:
        yield 2, "is a header without '#pragma once' in its second line"


def length(path, text):
    """Files that one can read at a sitting."""
    most, _ = allowed.LONGER.get(path, (allowed.MOST_LINES, ""))
    lines = text.count("\n")
    if lines > most:
        yield most, f"has {lines} lines; {most} is the most"


def words(path, text):
    """What readers elsewhere cannot make sense of."""
    for pattern, reason in FORBIDDEN_WORDS.items():
        for match in re.finditer(pattern, text):
            yield line_of(text, match.start()), f"'{match.group()}' is {reason}"


CPP = (".hpp", ".cpp", ".hpp.in")
SCRIPTS = (".sh", ".py", ".cmake", "CMakeLists.txt")

RULES = [
    (direction, CPP),
    (third_party, CPP),
    (compilers, CPP),
    (code, CPP),
    (first_lines, CPP + SCRIPTS),
    (length, CPP + SCRIPTS),
    (words, ("",)),
]


def violations(path, text):
    """All of one file, as `path:line: what`."""
    for rule, suffixes in RULES:
        if path.endswith(suffixes):
            for line, what in rule(path, text):
                yield f"{path}:{line}: {what}"


def decisions(files):
    """Every record of a decision has its three parts and stands in the index."""
    index = files.get("docs/adr/README.md", "")
    for path, text in files.items():
        name = path.removeprefix("docs/adr/")
        if name == path or name == "README.md":
            continue
        if f"({name})" not in index:
            yield f"{path}:1: is not in docs/adr/README.md"
        for part in ("Context", "Decision", "Consequences"):
            if f"\n## {part}\n" not in text:
                yield f"{path}:1: has no part '## {part}'"


def stale_allowances(files):
    """Exceptions that nothing needs any more."""
    for path, (_, reason) in allowed.LONGER.items():
        if path not in files:
            yield f"tests/arch/allowed.py: there is no {path}"
        elif files[path].count("\n") <= allowed.MOST_LINES:
            yield f"tests/arch/allowed.py: {path} is short enough without '{reason}'"
