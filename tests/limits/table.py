#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""table.py ROOT: the table of limits (src/limits.def) agrees with the source: values, names of
constants, counters, texts of messages, and tests. Prints a line for each row and each check."""
import os
import re
import sys

ROOT = sys.argv[1]
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
# A constant with one of these words is a limit, or a row BOUND says why not.
LIKE_A_LIMIT = re.compile(r"(^|_)(MAX|MOST|LIMIT|DEPTH|DEEP|LEVELS|LONGEST|LARGEST)(_|$)")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
FAILED = []


def result(name, wrong):
    print("not ok - " + name if wrong else "ok - " + name)
    for line in wrong:
        print("  | " + line)
    FAILED.extend(wrong)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def sources():
    for top in ("src", "include"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in names:
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def enumerators(body):
    """(name, expression) of those that have a value."""
    depth = 0
    begin = 0
    for at, byte in enumerate(body + ","):
        depth += (byte == "(") - (byte == ")")
        if byte == "," and depth == 0:
            match = re.match(r"\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*\S)\s*$", body[begin:at], re.S)
            if match:
                yield match.groups()
            begin = at + 1


def constants(text):
    text = COMMENT.sub(" ", text)
    found = {}
    for body in re.findall(r"\benum\s*\w*\s*\{(.*?)\}", text, re.S):
        found.update(enumerators(body))
    found.update(re.findall(r"^[ \t]*#[ \t]*define[ \t]+([A-Z][A-Z0-9_]*)[ \t]+(.*\S)", text,
                            re.M))
    return found


def value_of(expression, own, public):
    """The value of an expression over constants: those of the file, then those with a prefix."""
    def put(match):
        word = match.group(0)
        known = own.get(word, public.get(word))
        if known is None:
            raise ValueError("no constant " + word)
        return "(%d)" % value_of(known, own, public)
    text = re.sub(r"\bU?INT(?:32|64)_C\(|\(u?int\d+_t\)", lambda m: "(" if "_C(" in m.group(0)
                  else "", expression)
    text = re.sub(r"sizeof\(struct p2i_session\)", "128", text)
    text = re.sub(r'sizeof ":65535"', "7", text)
    text = re.sub(r"\b(\d+|0x[0-9a-fA-F]+)[uUlL]+\b", r"\1", text)
    text = re.sub(r"\b[A-Z][A-Z0-9_]*\b", put, text.replace("UINT16_MAX", "65535"))
    if not re.fullmatch(r"[\d\s()+*/<>x-]+", text):
        raise ValueError("cannot evaluate " + text)
    return eval(text.replace("/", "//"))  # pylint: disable=eval-used


def stated(text):
    match = re.match(r"([\d,]+)(?: (KiB|MiB|GiB))?(?: |$)", text)
    return int(match[1].replace(",", "")) * UNITS.get(match[2], 1) if match else None


def rows(text):
    """(macro, arguments) of the table."""
    text = COMMENT.sub(" ", text)
    for match in re.finditer(r"^(LIMIT|BOUND)\(((?:[^\"()]|\"[^\"]*\")*)\)", text, re.M):
        yield match[1], [a or b for a, b in re.findall(r'"([^"]*)"|([A-Za-z_]+)', match[2])]


def test_exists(proof):
    path, _, name = proof.partition(" ")
    if name == "":
        return False
    try:
        text = read("tests/" + path)
    except OSError:
        return False
    return re.search(r"(?:^Test\(\w+, |^def |^)" + re.escape(name) + r"\b", text, re.M) is not None


def what_tells(text, counters, everything):
    kind, _, rest = text.partition(" ")
    if kind == "message":
        return rest in everything
    if kind in ("output", "nothing"):
        return (rest == "") == (kind == "nothing")
    return all(word in counters for word in text.split(", "))


def main():
    files = {path: read(path) for path in sources()}
    known = {path: constants(text) for path, text in files.items()}
    public = {name: value for found in known.values() for name, value in found.items()
              if name.startswith("P2I_")}
    # A text may go over several lines of source.
    everything = re.sub(r'"\s*"', "", "".join(files.values()))
    counters = set(re.findall(r'\w+', files["include/pcap2ipfix/statistics.h"] +
                              files["include/pcap2ipfix/fate.h"] +
                              files["include/pcap2ipfix/collector.h"]))
    table = list(rows(read("src/limits.def")))
    listed = set()
    groups = set()
    for macro, arguments in table:
        path = "src/" + arguments[0 if macro == "BOUND" else 1]
        if macro == "BOUND":
            for name in arguments[1].split():
                listed.add((path, name))
            continue
        group, _, expression, value, what, _, tells, proof = arguments
        groups.add(group)
        wrong = []
        if expression != "-":
            listed.update((path, name) for name in re.findall(r"[A-Z][A-Z0-9_]*", expression))
            try:
                real = value_of(expression, known.get(path, {}), public)
                if real != stated(value):
                    wrong.append("%s: %s is %d" % (path, expression, real))
            except ValueError as error:
                wrong.append("%s: %s" % (path, error))
        elif not os.path.exists(os.path.join(ROOT, path)):
            wrong.append("there is no " + path)
        if not what_tells(tells, counters, everything):
            wrong.append("what tells is not in the source: " + tells)
        if not test_exists(proof):
            wrong.append("there is no test " + proof)
        result("limit: %s, %s" % (value, what), wrong)
    missing = ["%s: %s" % (path, name) for path in sorted(known) for name in sorted(known[path])
               if LIKE_A_LIMIT.search(name) and (path, name) not in listed and
               not any((path[:at + 1], "*") in listed for at, byte in enumerate(path)
                       if byte == "/")]
    result("each constant that is named like a limit has a row in src/limits.def", missing)
    gone = ["%s: %s" % entry for entry in sorted(listed)
            if entry[1] != "*" and entry[1] not in known.get(entry[0], {})]
    result("each row of src/limits.def has its constant", gone)
    page = read("man/pcap2ipfix-limits.7.in")
    result("each group of limits is in the manual",
           [group for group in sorted(groups) if "@limits " + group + "\n" not in page])
    sys.exit(1 if FAILED else 0)


main()
