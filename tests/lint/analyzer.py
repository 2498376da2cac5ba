#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""analyzer.py BUILD EXCEPTIONS: gcc -fanalyzer over the sources of a build by gcc. Warnings that are
listed are not reported: lines of file, function, warning and a reason."""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

# It needs no optimisation, and sees most without.
OPTIONS = ["-O0", "-g0", "-fanalyzer", "-fdiagnostics-plain-output", "-o", os.devnull]
WARNING = re.compile(r"^(?:\.\./)*((?:src|include)/[^:]*):\d+:\d+: warning: (.*) "
                     r"\[-Wanalyzer-([a-z-]+)\]$")


def analyse(entry):
    """The (file, function, warning, text) of a source."""
    words = shlex.split(entry["command"])
    command = [word for word in words if word != "ccache" and word not in ("-MD", "-c") and
               not word.startswith(("-flto", "-O"))]
    for option in ("-MQ", "-MF", "-o"):
        if option in command:
            at = command.index(option)
            del command[at:at + 2]
    run = subprocess.run(command + ["-c"] + OPTIONS, cwd=entry["directory"], capture_output=True,
                         text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    function, found = "", set()
    if run.returncode != 0:
        found.add((entry["file"], "", "failed", run.stderr[-500:]))
    for line in run.stderr.splitlines():
        match = re.search(r"In function '(\w+)'", line)
        function = match[1] if match else function
        match = WARNING.match(line)
        if match:
            found.add((match[1], function, match[3], line))
    return found


def main():
    build, exceptions = sys.argv[1:]
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = {entry["file"]: entry for entry in json.load(file)
                   if "/src/" in entry["file"] and entry["file"].endswith(".c")}
    with open(exceptions, encoding="utf-8") as file:
        known = {tuple(line.split()[:3]) for line in file if line.strip() and line[0] != "#"}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = set().union(*pool.map(analyse, entries.values()))
    wrong = sorted(warning for warning in found if warning[:3] not in known)
    print("%sok - gcc -fanalyzer: %d files" % ("not " if wrong else "", len(entries)))
    for path, function, kind, text in wrong:
        print("  | %s %s %s: %s" % (path, function, kind, text))
    sys.exit(1 if wrong else 0)


main()
