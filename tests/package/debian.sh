# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The Debian packages, from the tarball to the last file that is removed again: each step in a chroot that
# debootstrap made. Needs root and a mirror of Debian. Sourced by run. Environment variables:
#     P2I_MIRROR      default: http://deb.debian.org/debian
#     P2I_CHROOTS     a folder that keeps the chroots base.tar and build.tar for the next time
#     P2I_PACKAGES    a folder for the packages and a transcript of it all

# with_mounts FOLDER COMMAND...: outside of the chroot FOLDER, which has mounts that end with the command.
with_mounts()
{
    unshare --mount --pid --fork --uts -- bash -c 'hostname chroot && mount -t proc proc "$1/proc" &&
        mount -t devpts devpts "$1/dev/pts" && exec "${@:2}"' bash "$@"
}

# in_chroot FOLDER COMMAND...: as root.
in_chroot()
{
    with_mounts "$1" chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "${@:2}"
}

# base_chroot: $chroots/base.tar, what debootstrap makes; its package lists are up to date.
base_chroot()
{
    [ ! -e "$chroots/base.tar" ] || return 0
    local folder=$scratch/base
    debootstrap --variant=buildd bookworm "$folder" "${P2I_MIRROR:-http://deb.debian.org/debian}" &&
        in_chroot "$folder" apt-get clean && tar -C "$folder" -cf "$chroots/base.tar" . && rm -rf "$folder"
}

# chroot_from NAME FOLDER: a new chroot in FOLDER.
chroot_from() { mkdir -p "$2" && tar -C "$2" -xpf "$chroots/$1.tar" && cp /etc/resolv.conf "$2/etc"; }

# build_chroot: $chroots/build.tar, with what debian/control asks for.
build_chroot()
{
    [ ! -e "$chroots/build.tar" ] || [ debian/control -nt "$chroots/build.tar" ] || return 0
    local folder=$scratch/with
    chroot_from base "$folder" && mkdir -p "$folder/build/debian" && cp debian/control "$folder/build/debian" &&
        in_chroot "$folder" bash -c 'cd /build && apt-get -q build-dep -y --no-install-recommends ./ &&
            apt-get -q install -y --no-install-recommends lintian && apt-get clean && useradd -m builder' &&
        tar -C "$folder" -cf "$chroots/build.tar" . && rm -rf "$folder"
}

# build_in FOLDER: dpkg-buildpackage, source and binaries, as a user, in /build of the chroot FOLDER.
build_in()
{
    tarball "$scratch/source" && rm -rf "$1/build" && mkdir -p "$1/build" &&
        tar -x -C "$1/build" -f "$scratch/source/pcap2ipfix-$version.tar.xz" &&
        in_chroot "$1" bash -c 'cd /build && chown -R builder: . &&
            cd pcap2ipfix-* && su builder -c "dpkg-buildpackage -us -uc"'
}

# lint_in FOLDER: what lintian finds; no error or warning may be among it.
lint_in()
{
    in_chroot "$1" bash -c 'cd /build && su builder -c "lintian --pedantic --display-info *.changes"' >"$scratch/lintian" 2>&1
    cat "$scratch/lintian"
    ! grep -q '^[EW]: ' "$scratch/lintian"
}

# use_in FOLDER: installs the packages, runs the README's first command and a worked case with them, and removes them
# again. What is left is what was before.
use_in()
{
    in_chroot "$1" bash -c 'set -e
        state() {
            dpkg-query -W
            find / -xdev \( -path /proc -o -path /packages -o -path /tmp -o -path /var/cache -o -path /var/log \
                -o -path /var/lib/dpkg -o -path /var/lib/apt \) -prune -o -print | sort
        }
        ours="libpcap2ipfix1 libpcap2ipfix-dev pcap2ipfix pcap2ipfix-doc"
        apt-get -q update
        state >/tmp/before
        set -x
        apt-get -q install -y --no-install-recommends $(printf "/packages/%s_*.deb " $ours)
        pcap2ipfix --version
        P2I=/usr/bin/pcap2ipfix IPFIXTOOL=/usr/bin/ipfixtool /packages/pcap2ipfix-*/samples/run
        /usr/share/doc/pcap2ipfix/examples/samples/cases/who-visited/run
        apt-get -q purge -y --auto-remove $ours
        set +x
        state >/tmp/after
        diff /tmp/before /tmp/after && echo "nothing is left"' 2>&1
}

# stage NAME COMMAND...: a test; its output goes to the transcript. Fails if one test has failed.
stage()
{
    expect "$@"
    { echo "== $1"; cat "$scratch/expect.log"; } >>"$packages/transcript"
    [ "$failed" -eq 0 ]
}

build_packages()
{
    local program chroots=${P2I_CHROOTS:-$scratch/chroots} packages=${P2I_PACKAGES:-$scratch/packages}
    for program in debootstrap unshare autopkgtest; do
        command -v "$program" >/dev/null || { skip 'Debian packages' "$program is not installed"; return; }
    done
    [ "$(id -u)" -eq 0 ] || { skip 'Debian packages' 'chroots need root'; return; }
    mkdir -p "$chroots" "$packages"
    rm -f "$packages"/*
    stage 'Debian: a chroot' base_chroot || return
    stage 'Debian: a chroot with the build dependencies' build_chroot || return
    chroot_from build "$scratch/build"
    stage 'Debian: dpkg-buildpackage' build_in "$scratch/build" || return
    find "$scratch/build/build" -maxdepth 1 -type f -exec cp -t "$packages" '{}' +
    stage 'Debian: lintian has no errors and warnings' lint_in "$scratch/build"
    rm -rf "$scratch/build"

    chroot_from base "$scratch/fresh"
    mkdir "$scratch/fresh/packages"
    cp "$packages"/*.deb "$scratch/fresh/packages"
    tar -x -C "$scratch/fresh/packages" -f "$packages/pcap2ipfix_$version.tar.xz"
    stage 'Debian: installed, used and removed' use_in "$scratch/fresh"
    rm -rf "$scratch/fresh"

    chroot_from base "$scratch/tested"
    stage 'Debian: autopkgtest' with_mounts "$scratch/tested" autopkgtest \
        --setup-commands='apt-get update' "$packages"/*.changes -- chroot "$scratch/tested"
    rm -rf "$scratch/tested"
}
