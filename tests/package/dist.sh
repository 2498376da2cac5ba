# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The tarball of a release. Sourced by run.

# without_network COMMAND...: in a namespace whose only network is that of the machine with itself.
without_network()
{
    local rights=() back=()
    if [ "$(id -u)" -ne 0 ]; then
        rights=(--map-root-user) back=(unshare "--map-user=$(id -u)" "--map-group=$(id -g)" --)
    fi
    unshare --net "${rights[@]}" -- bash -c 'ip link set lo up && exec "$@"' bash "${back[@]}" "$@"
}

# tarball FOLDER: pcap2ipfix-VERSION.tar.xz of the commit, in FOLDER.
tarball()
{
    git clone -q --no-hardlinks "$root" "$1/clone" && meson setup "$1/build" "$1/clone" &&
        meson dist -C "$1/build" --no-tests && mv "$1/build/meson-dist"/*.tar.xz "$1"
}

# With sanitizers, as in tests/run.
build_offline()
{
    local folder=$scratch/dist tree=$scratch/dist/pcap2ipfix-$version
    mkdir -p "$folder"
    expect 'dist: the tarball' tarball "$folder"
    expect 'dist: it is unpacked' tar -x -C "$folder" -f "$folder/pcap2ipfix-$version.tar.xz"
    expect 'dist: there is no network but lo' without_network awk 'NR > 2 && $1 != "lo:" { exit 1 }' /proc/self/net/dev
    expect 'dist: without network, setup' without_network env -C "$tree" \
        meson setup build -Dtests=true -Doptimization=1 -Ddebug=false -Db_lto=false -Db_lundef=false \
        -Db_sanitize=address,undefined
    expect 'dist: without network, build' without_network ninja -C "$tree/build"
    P2I=$tree/build/pcap2ipfix IPFIXTOOL=$tree/build/ipfixtool BUILD=$tree/build \
        without_network bash -c '"$1/tests/unit/run"; "$1/tests/golden/run" --threads 2' bash "$tree" >"$scratch/offline" 2>&1
    grep -vE '^ok - ' "$scratch/offline" >"$scratch/wrong"
    grep '# SKIP' "$scratch/offline" | sed 's/^ok - /ok - dist: /'
    if [ -s "$scratch/wrong" ] || [ "$(grep -c '^ok - ' "$scratch/offline")" -lt 1000 ]; then
        not_ok 'dist: tests without network' "$scratch/wrong"
    else
        ok "dist: without network, $(grep -c '^ok - ' "$scratch/offline") tests"
    fi
    rm -rf "$folder"
}
