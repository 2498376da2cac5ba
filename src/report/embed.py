#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py FILE...: C source that has the bytes of each file, and what a Content-Security-Policy calls it."""
import base64
import hashlib
import pathlib
import sys

print('/* SPDX-License-Identifier: MIT */\n#include "report/assets.h"')
for path in map(pathlib.Path, sys.argv[1:]):
    name = path.name.replace(".", "_")
    text = path.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    print(f'\nconst char p2i_report_{name}_hash[] = "sha256-{digest}";')
    print(f"const char p2i_report_{name}[] = {{")
    codes = [str(code) for code in text.encode("ascii")] + ["0"]
    for at in range(0, len(codes), 24):
        print("    " + ",".join(codes[at:at + 24]) + ",")
    print("};")
