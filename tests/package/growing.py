#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""growing.py HEADER...: prints suppressions for abidiff: structs that begin with their size may get members at
their end."""
import re
import sys

for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as header:
        for name in re.findall(r"^struct (\w+) \{\s*size_t struct_size;", header.read(), re.M):
            print(f"[suppress_type]\nname = {name}\nhas_data_member_inserted_at = end\n")
