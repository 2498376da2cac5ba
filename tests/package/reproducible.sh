# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The same sources give the same bytes. Sourced by run.

# build_once FOLDER BUILD UMASK ZONE LOCALE: builds and installs the commit in FOLDER, as a user with such settings
# would. Without SOURCE_DATE_EPOCH, so that whatever takes the time from the clock differs.
build_once()
{
    committed "$1" && (
        cd "$1" && umask "$3" && unset CFLAGS LDFLAGS CPPFLAGS SOURCE_DATE_EPOCH && export TZ=$4 LC_ALL=$5 CCACHE_DISABLE=1 CC=gcc &&
            meson setup "$2" --prefix=/usr && ninja -C "$2" && DESTDIR=$PWD/tree meson install -C "$2" --no-rebuild
    )
}

# modes_and_sums TREE: for each file, folder and link its mode and what a link names, and for each file its SHA-256.
modes_and_sums()
{
    (cd "$1" && find . -printf '%m %p %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum)
}

build_twice()
{
    local one=$scratch/one two="$scratch/two/in another folder"
    expect 'reproducible: the first build' build_once "$one" build 022 UTC C
    # The build folder is at another place, too; both names have spaces.
    expect 'reproducible: the second build' build_once "$two" "../build of it" 077 Pacific/Auckland C.UTF-8
    modes_and_sums "$one/tree" >"$scratch/one.sums"
    modes_and_sums "$two/tree" >"$scratch/two.sums"
    expect 'reproducible: files are installed' test "$(wc -l <"$scratch/one.sums")" -gt 100
    expect 'reproducible: the same files, bytes and modes' diff "$scratch/one.sums" "$scratch/two.sums"
    grep -rlF "$scratch" "$one/tree" "$two/tree" >"$scratch/named"
    if [ -s "$scratch/named" ]; then not_ok 'reproducible: no file names the folder of the build' "$scratch/named"; else
        ok 'reproducible: no file names the folder of the build'
    fi
    rm -rf "$one" "$scratch/two"
}
