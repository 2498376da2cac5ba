#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lists.py TREE: each file that meson has installed below TREE is in one list debian/*.install, or removed by
debian/rules, and each row of a list, of debian/*.docs and of debian/*.examples has a file. Run in the folder of the
repository."""
import fnmatch
import pathlib
import re
import sys


def rows(kind):
    """The patterns of all packages, as (list, pattern)."""
    for path in sorted(pathlib.Path("debian").glob("*." + kind)):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield path, line.split()[0]


def has(pattern, path):
    return fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, pattern + "/*")


def installed(tree):
    """The files below TREE as a package has them: the prefix is /usr."""
    paths = (path.relative_to(tree).as_posix() for path in tree.rglob("*") if not path.is_dir())
    return sorted(re.sub(r"^usr/local/", "usr/", path) for path in paths)


def main():
    wrong = []
    paths = installed(pathlib.Path(sys.argv[1]))
    rules = pathlib.Path("debian/rules").read_text(encoding="utf-8")
    removed = re.findall(r"\$\(tree\)/(\S+)", rules)
    lists = list(rows("install"))
    for path in paths:
        owners = [owner.name for owner, pattern in lists if has(pattern, path)]
        owners += ["debian/rules"] * any(has(pattern, path) for pattern in removed)
        if len(owners) != 1:
            wrong.append(f"{path} is in {', '.join(owners) or 'no package'}")
    for owner, pattern in lists + [("debian/rules", pattern) for pattern in removed]:
        if not any(has(pattern, path) for path in paths) and not list(pathlib.Path().glob(pattern)):
            wrong.append(f"{owner}: nothing is {pattern}")
    for owner, pattern in [*rows("docs"), *rows("examples")]:
        if not list(pathlib.Path().glob(pattern)):
            wrong.append(f"{owner}: nothing is {pattern}")
    print("\n".join(wrong))
    return bool(wrong) or not paths


if __name__ == "__main__":
    sys.exit(main())
