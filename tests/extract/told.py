#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""told.py MANIFEST CAPTURE: checks what a manifest says of an extract of HTTP sessions with two filters."""
import hashlib
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    manifest = json.load(file)
with open(sys.argv[2], "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()
assert manifest["filters"] == ["METHOD = GET", 'PATH contains "a b" or packet > 0'], manifest["filters"]
assert manifest["arguments"][:3] == ["ipfixtool", "extract", "-q"] and manifest["arguments"][-1] == sys.argv[2]
assert manifest["time"] > "2026" and manifest["version"]
assert manifest["captures"][0]["sha256"] == digest
assert not manifest["missing"]
session = manifest["sessions"][0]
assert session["records"]["clickstream"] > 0 and session["records"]["http_reply"] > 0, session["records"]
frames = session["frames"][0]
assert frames["capture"] == 1 and frames["first"] <= frames["last"] and frames["count"] == session["packets"], session
assert sum(f["count"] for s in manifest["sessions"] for f in s["frames"]) == manifest["outputs"][0]["packets"]
