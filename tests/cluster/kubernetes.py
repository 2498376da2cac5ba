#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kubernetes.py check CONVERT MERGE: the two jobs have only fields that jobs have, of the right types, and
                                    agree with one another. Fields and types are those of the tables below.
kubernetes.py kubectl FILE...: the same by kubectl's own types: it decodes the jobs, and no field is lost.
kubernetes.py run JOB SCRIPTS DATA: runs the command of a job, with these folders for /scripts and /data."""
import json
import os
import subprocess
import sys

import yaml

# Fields of the API (batch/v1, v1) that the jobs may use, with the type of each; [type] is a list of it.
RESOURCES = {"cpu": str, "memory": str}
RULE = {"action": str, "onPodConditions": [{"type": str, "status": str}],
        "onExitCodes": {"containerName": str, "operator": str, "values": [int]}}
CONTAINER = {"name": str, "image": str, "command": [str], "args": [str],
             "resources": {"requests": RESOURCES, "limits": RESOURCES},
             "volumeMounts": [{"name": str, "mountPath": str, "readOnly": bool}]}
VOLUME = {"name": str, "persistentVolumeClaim": {"claimName": str, "readOnly": bool},
          "configMap": {"name": str, "defaultMode": int}}
POD = {"restartPolicy": str, "containers": [CONTAINER], "volumes": [VOLUME]}
JOB = {"apiVersion": str, "kind": str, "metadata": {"name": str},
       "spec": {"completionMode": str, "completions": int, "parallelism": int, "backoffLimit": int,
                "backoffLimitPerIndex": int, "podFailurePolicy": {"rules": [RULE]},
                "template": {"spec": POD}}}


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def compare(value, schema, place):
    """Fails where the value has another type than the schema, or a field that it lacks."""
    if isinstance(schema, dict):
        assert isinstance(value, dict), f"{place} is no object"
        for key, member in value.items():
            assert key in schema, f"{place} has no field {key}"
            compare(member, schema[key], f"{place}.{key}")
    elif isinstance(schema, list):
        assert isinstance(value, list) and value, f"{place} is no list"
        for i, member in enumerate(value):
            compare(member, schema[0], f"{place}[{i}]")
    else:
        assert type(value) is schema, f"{place} is {value!r}, no {schema.__name__}"


def check_job(job):
    compare(job, JOB, "job")
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    spec = job["spec"]
    pod = spec["template"]["spec"]
    assert pod["restartPolicy"] == "Never", "a policy for failures needs it"
    names = [container["name"] for container in pod["containers"]]
    for rule in spec["podFailurePolicy"]["rules"]:
        assert rule["action"] in ("FailJob", "FailIndex", "Ignore", "Count")
        assert ("onExitCodes" in rule) != ("onPodConditions" in rule), "one condition a rule"
        assert rule.get("onExitCodes", {}).get("containerName", names[0]) in names
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in pod["containers"]:
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def command(job):
    return job["spec"]["template"]["spec"]["containers"][0]["command"]


def check(convert, merge):
    check_job(convert)
    check_job(merge)
    spec = convert["spec"]
    assert spec["completionMode"] == "Indexed" and "completions" not in merge["spec"]
    count = str(spec["completions"])
    words = command(convert)[-1].split()
    at = words.index("shards")
    assert words[words.index("1))\"") + 1] == count, "tasks in the command, and completions"
    assert command(merge)[1:4] == [words[at], count, words[words.index(count) + 2]], "merge of these tasks"
    volumes = [job["spec"]["template"]["spec"]["volumes"] for job in (convert, merge)]
    assert volumes[0] == volumes[1], "both jobs see the same files"


def lost(before, after, place):
    """Prints what of `before` is not in `after`; returns whether there is any."""
    if isinstance(before, dict) and isinstance(after, dict):
        return any([lost(value, after.get(key), f"{place}.{key}") for key, value in before.items()])
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return any([lost(a, b, f"{place}[{i}]") for i, (a, b) in enumerate(zip(before, after))])
    if before != after:
        print(f"{place}: {before!r} became {after!r}")
    return before != after


def kubectl(path):
    # A command that decodes objects without asking a server.
    decoded = subprocess.run(["kubectl", "set", "env", "--local", "-f", path, "-o", "json", "A=b"],
                             check=True, stdout=subprocess.PIPE, timeout=60).stdout
    return not lost(load(path), json.loads(decoded), path)


def run(job, scripts, data):
    words = [word.replace("/scripts", scripts).replace("/data", data) for word in command(job)]
    os.execvp(words[0], words)


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check(load(sys.argv[2]), load(sys.argv[3]))
    elif sys.argv[1] == "kubectl":
        sys.exit(not all([kubectl(path) for path in sys.argv[2:]]))
    else:
        run(load(sys.argv[2]), *sys.argv[3:])
