# SPDX-License-Identifier: Apache-2.0
"""The rules find what they forbid, and nothing else."""

import unittest

import allowed
import rules

HEAD = "// SPDX-License-Identifier: Apache-2.0\n"


def found(path, text):
    return list(rules.violations(path, text))


class Direction(unittest.TestCase):
    def check(self, path, include, expected):
        self.assertEqual(found(path, f'{HEAD}#include "{include}"\n'), expected)

    def test_left_is_allowed(self):
        for path, include in [
            ("lib/engine/a.cpp", "system/files.hpp"),
            ("lib/backup/a.cpp", "engine/plan.hpp"),
            ("lib/procedures/x/a.cpp", "backup/a.hpp"),
            ("apps/drctl/main.cpp", "procedures/a.hpp"),
            ("lib/system/a.cpp", "drctl/error.hpp"),
            ("lib/system/a.cpp", "system/b.hpp"),
            ("lib/health/a.cpp", "config/types.hpp"),
        ]:
            self.check(path, include, [])

    def test_right_is_not(self):
        self.check(
            "lib/system/a.cpp",
            "engine/plan.hpp",
            ['lib/system/a.cpp:2: system includes "engine/plan.hpp", which is right of it'],
        )

    def test_neighbours_need_a_reason(self):
        self.check(
            "lib/service/a.cpp",
            "postgres/target.hpp",
            ['lib/service/a.cpp:2: service includes "postgres/target.hpp", its neighbour, '
             "without a reason"],
        )

    def test_installed_headers_include_nothing_internal(self):
        text = f'{HEAD}#pragma once\n#include "system/files.hpp"\n#include "drctl/export.hpp"\n'
        self.assertEqual(
            found("lib/include/drctl/a.hpp", text),
            ['lib/include/drctl/a.hpp:3: installed headers include nothing internal: '
             '"system/files.hpp"'],
        )

    def test_new_folders_must_be_given_a_place(self):
        self.assertEqual(
            found("lib/weather/a.cpp", f'{HEAD}#include "system/files.hpp"\n'),
            ["lib/weather/a.cpp:2: lib/weather has no place in tests/arch/allowed.py"],
        )

    def test_comments_include_nothing(self):
        self.assertEqual(found("lib/system/a.cpp", f'{HEAD}/*\n#include "engine/a.hpp"\n*/\n'), [])


class ThirdParty(unittest.TestCase):
    def test_stays_where_it_is_wrapped(self):
        for path, header, allowed_there in [
            ("lib/config/toml_text.cpp", "toml++/toml.h", True),
            ("lib/config/load.cpp", "toml++/toml.h", False),
            ("lib/postgres/result.hpp", "libpq-fe.h", True),
            ("lib/backup/a.cpp", "libpq-fe.h", False),
            ("lib/engine/report.cpp", "nlohmann/json.hpp", True),
            ("lib/engine/report.hpp", "nlohmann/json.hpp", False),
            ("lib/engine/report.hpp", "nlohmann/json_fwd.hpp", True),
            ("apps/drctl/main.cpp", "CLI/CLI.hpp", True),
            ("lib/system/a.cpp", "CLI/CLI.hpp", False),
        ]:
            guard = "#pragma once\n" if path.endswith(".hpp") else ""
            result = found(path, f"{HEAD}{guard}#include <{header}>\n")
            self.assertEqual(result == [], allowed_there, (path, header, result))

    def test_stays_out_of_installed_headers(self):
        text = f"{HEAD}#pragma once\n#include <nlohmann/json_fwd.hpp>\n"
        self.assertEqual(len(found("lib/include/drctl/a.hpp", text)), 1)


class Code(unittest.TestCase):
    def test_finds_shells_and_sleeps(self):
        for line in [
            'system("x");',
            'std::system ("x");',
            'auto* f = popen("x", "r");',
            "std::this_thread::sleep_for(1s);",
            'run({"sh", "-c", text});',
            'run({"/bin/bash", "-c", text});',
        ]:
            self.assertEqual(len(found("lib/system/a.cpp", f"{HEAD}{line}\n")), 1, line)

    def test_passes_over_what_only_looks_like_it(self):
        for line in [
            "// system() is not called",
            'exec("SELECT pg_control_system()");',
            "file_system(x);",
            "object.system(x);",
            'auto url = "http://x/"; // a string, then sleep_for(x)',
        ]:
            self.assertEqual(found("lib/system/a.cpp", f"{HEAD}{line}\n"), [], line)

    def test_finds_headers_that_the_compilers_lack(self):
        self.assertEqual(
            found("lib/system/a.cpp", f"{HEAD}#include <format>\n"),
            ["lib/system/a.cpp:2: <format> is too new for our compilers"],
        )


class Files(unittest.TestCase):
    def test_begin_with_the_license(self):
        self.assertEqual(len(found("lib/system/a.cpp", "int a;\n")), 1)
        self.assertEqual(len(found("tests/a.sh", "#!/bin/bash\nset -e\n")), 1)
        self.assertEqual(
            found("tests/a.sh", "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\n"), []
        )
        self.assertEqual(len(found("tests/empty.py", "")), 1)

    def test_that_are_headers_have_a_guard(self):
        self.assertEqual(found("lib/system/a.hpp", f"{HEAD}#pragma once\n"), [])
        self.assertEqual(len(found("lib/system/a.hpp", f"{HEAD}int a;\n")), 1)

    def test_are_short(self):
        self.assertEqual(found("lib/system/a.cpp", HEAD + "\n" * 399), [])
        self.assertEqual(
            found("lib/system/a.cpp", HEAD + "\n" * 400),
            ["lib/system/a.cpp:400: has 401 lines; 400 is the most"],
        )

    def test_have_no_words_of_one_workplace(self):
        for text in ["see /" + "work/x", "TO" + "DO: later", "f" + "arm-x", "iss" + "ue 7"]:
            self.assertEqual(len(found("docs/a.md", text)), 1, text)
        self.assertEqual(found("docs/a.md", "the network/work/files of an issue"), [])


class Decisions(unittest.TestCase):
    WHOLE = "# 0001. A\n\n## Context\n\nx\n\n## Decision\n\nx\n\n## Consequences\n\nx\n"

    def test_have_three_parts_and_a_place_in_the_index(self):
        index = {"docs/adr/README.md": "- [0001](0001-a.md) A\n"}
        self.assertEqual(list(rules.decisions({**index, "docs/adr/0001-a.md": self.WHOLE})), [])
        self.assertEqual(len(list(rules.decisions({"docs/adr/0001-a.md": self.WHOLE}))), 1)
        torn = self.WHOLE.replace("## Decision", "## Choice")
        self.assertEqual(len(list(rules.decisions({**index, "docs/adr/0001-a.md": torn}))), 1)


class Allowances(unittest.TestCase):
    def test_must_be_needed(self):
        files = {path: "\n" * (allowed.MOST_LINES + 1) for path in allowed.LONGER}
        self.assertEqual(list(rules.stale_allowances(files)), [])
        one = next(iter(files))
        self.assertEqual(len(list(rules.stale_allowances({**files, one: "\n"}))), 1)
        del files[one]
        self.assertEqual(len(list(rules.stale_allowances(files))), 1)


if __name__ == "__main__":
    unittest.main()
