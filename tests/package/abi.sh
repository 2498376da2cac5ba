# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The ABI of the library. Sourced by run.
recorded=$root/tests/package/libpcap2ipfix.abi

# build_with_types: the shared library, with the types for abidiff, in build-test/abi.
build_with_types()
{
    [ -f build-test/abi/build.ninja ] || meson setup build-test/abi -Dbuildtype=debug -Db_lto=false || return 1
    ninja -C build-test/abi libpcap2ipfix.so.1
}

record_abi()
{
    build_with_types && abidw --headers-dir include --drop-private-types --exported-interfaces-only --short-locs \
        --no-corpus-path --no-comp-dir-path --no-elf-needed --no-parameter-names --out-file "$recorded" \
        build-test/abi/libpcap2ipfix.so.1
}

# With a new soname the ABI may be another one: then it is recorded anew.
compare_recorded()
{
    build_with_types >"$scratch/log" 2>&1 || { cat "$scratch/log"; return 1; }
    python3 tests/package/growing.py include/pcap2ipfix/*.h >"$scratch/suppressions"
    abidiff --no-added-syms --suppressions "$scratch/suppressions" --headers-dir1 include --headers-dir2 include \
        "$recorded" build-test/abi/libpcap2ipfix.so.1
}

compare_abi()
{
    if ! command -v abidiff >/dev/null; then
        skip 'ABI' 'abidiff (abigail-tools) is not installed'
    else
        expect 'ABI: what programs were built with is there, and the same' compare_recorded
    fi
}
