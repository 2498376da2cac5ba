#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""records.py CAPTURE: prints a JSON object for each record.

As a module: `for record in records("trace.pcap"): print(record["record"])`. The library is found by its soname,
in the folders of the system or of LD_LIBRARY_PATH.
"""
import atexit
import ctypes
import json
import queue
import sys
import threading

AHEAD = 1000  # records that wait for the reader of the iterator

library = ctypes.CDLL("libpcap2ipfix.so.1")
OK, DAMAGED, INPUT = 0, 2, 4  # enum p2i_result


class Error(ctypes.Structure):
    """struct p2i_error"""
    _fields_ = [("code", ctypes.c_int), ("system_error", ctypes.c_int), ("file", ctypes.c_char_p),
                ("offset", ctypes.c_uint64), ("line", ctypes.c_uint64), ("packet", ctypes.c_uint64),
                ("text", ctypes.c_char * 256)]


RecordCallback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)


class Callbacks(ctypes.Structure):
    """struct p2i_engine_callbacks"""
    _fields_ = [("struct_size", ctypes.c_size_t), ("context", ctypes.c_void_p), ("record", RecordCallback),
                ("session", ctypes.c_void_p), ("packet", ctypes.c_void_p), ("log", ctypes.c_void_p)]


pointer = ctypes.c_void_p
error_pointer = ctypes.POINTER(Error)
for name, result, arguments in (
        ("p2i_settings_new", pointer, []),
        ("p2i_settings_free", None, [pointer]),
        ("p2i_engine_new", ctypes.c_int,
         [ctypes.POINTER(pointer), pointer, ctypes.POINTER(Callbacks), error_pointer]),
        ("p2i_engine_read", ctypes.c_int,
         [pointer, ctypes.POINTER(ctypes.c_char_p), ctypes.c_size_t, error_pointer]),
        ("p2i_engine_finish", ctypes.c_int, [pointer, error_pointer]),
        ("p2i_engine_free", None, [pointer]),
        ("p2i_record_json", ctypes.c_char_p, [pointer, ctypes.POINTER(ctypes.c_size_t)])):
    function = getattr(library, name)
    function.restype = result
    function.argtypes = arguments


class CaptureError(Exception):
    """The text of a struct p2i_error."""


def convert(path, take):
    """Calls take(bytes of a JSON object) for each record until it returns False, from a thread of the engine or
    this one. Raises CaptureError; where the capture is damaged, after the records of what comes before."""
    size = ctypes.c_size_t()
    callbacks = Callbacks(ctypes.sizeof(Callbacks), None, RecordCallback(
        lambda context, record: take(library.p2i_record_json(record, ctypes.byref(size)))))
    error = Error()
    engine = pointer()
    settings = library.p2i_settings_new()
    outcome = library.p2i_engine_new(ctypes.byref(engine), settings, ctypes.byref(callbacks), ctypes.byref(error))
    library.p2i_settings_free(settings)
    try:
        if outcome == OK:
            paths = (ctypes.c_char_p * 1)(path.encode(errors="surrogateescape"))
            outcome = library.p2i_engine_read(engine, paths, 1, ctypes.byref(error))
        text = error.text.decode(errors="replace")
        if outcome in (OK, DAMAGED, INPUT):
            finished = library.p2i_engine_finish(engine, ctypes.byref(error))
            if outcome == OK:
                outcome, text = finished, error.text.decode(errors="replace")
    finally:
        library.p2i_engine_free(engine)
    if outcome != OK:
        raise CaptureError(text)


def records(path):
    """Yields each record as a dict while the engine works in a thread of its own. The thread ends when the
    iterator ends, is closed or forgotten, or at the exit of the program. Raises CaptureError as convert()."""
    found = queue.Queue(AHEAD)  # dicts; at last None or an exception
    stopped = threading.Event()

    def take(text):
        found.put(json.loads(text))
        return not stopped.is_set()

    def run():
        try:
            convert(path, take)
            found.put(None)
        except Exception as failure:  # pylint: disable=broad-except
            found.put(failure)

    def stop():
        stopped.set()
        while worker.is_alive():
            try:
                found.get(timeout=0.01)  # makes room for the record that the thread is about to put
            except queue.Empty:
                pass

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    atexit.register(stop)
    try:
        while isinstance(item := found.get(), dict):
            yield item
        if item is not None:
            raise item
    finally:
        stop()
        atexit.unregister(stop)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: records.py CAPTURE")
    try:
        for record in records(sys.argv[1]):
            print(json.dumps(record))
    except CaptureError as error:
        sys.exit(f"records.py: {error}")


if __name__ == "__main__":
    main()
