#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""records_test.py FOLDER same JSON CAPTURE..., FOLDER CASE CAPTURE: tests records.py of samples/embed, which is
in FOLDER. `same`: each capture gives the records of the file of its name in the folder JSON."""
import gc
import json
import os
import sys
import tempfile
import threading

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import records as embed  # noqa: E402 pylint: disable=wrong-import-position


def same(folder, *captures):
    for capture in captures:
        with open(os.path.join(folder, os.path.basename(capture)), encoding="utf-8") as lines:
            expected = [json.loads(line) for line in lines]
        assert list(embed.records(capture)) == expected, capture


def early_break(capture):
    """The thread ends with the loop, also when it waits for room in the queue."""
    embed.AHEAD = 1
    for _ in range(20):
        for _ in embed.records(capture):
            break
        assert threading.active_count() == 1
    assert len(list(embed.records(capture))) > 1


def early_exit(capture):
    """The program ends while an iterator is in use: nothing waits for it."""
    embed.AHEAD = 1
    globals()["kept"] = embed.records(capture)
    next(globals()["kept"])


def forgotten(capture):
    embed.AHEAD = 1
    iterator = embed.records(capture)
    next(iterator)
    del iterator
    gc.collect()
    assert threading.active_count() == 1


def missing(capture):
    try:
        list(embed.records(capture + ".none"))
    except embed.CaptureError as error:
        assert str(error)
    else:
        raise AssertionError("no error")


def damaged(capture):
    """The records before the damage, then an error."""
    with open(capture, "rb") as whole, tempfile.NamedTemporaryFile(suffix=".pcapng") as cut:
        cut.write(whole.read()[:-20])
        cut.flush()
        iterator = embed.records(cut.name)
        assert next(iterator)["record"] == "clickstream"
        try:
            list(iterator)
        except embed.CaptureError:
            return
        raise AssertionError("no error")


if __name__ == "__main__":
    globals()[sys.argv[2]](*sys.argv[3:])
