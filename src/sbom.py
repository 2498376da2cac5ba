#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sbom.py BUILD OUTPUT: writes an SPDX 2.3 document of the libraries that the programs and the library in the folder
BUILD load, with the versions that meson found (its introspection; `pcap2ipfix --version` for one without a pkg-config
file). With MESON_INSTALL_DESTDIR_PREFIX, which meson sets while it installs, OUTPUT is below that folder.

The time of the document is SOURCE_DATE_EPOCH, or the date of the release in CHANGELOG.md, so that the same
sources give the same bytes."""
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

PUBLIC_DOMAIN = "LicenseRef-public-domain"
# soname without its number: (name, name for meson or for --version, licence, home page).
LIBRARIES = {
    "libbz2": ("bzip2", "libbz2", "bzip2-1.0.6", "https://sourceware.org/bzip2/"),
    "libc": ("glibc", None, "LGPL-2.1-or-later", "https://www.gnu.org/software/libc/"),
    "libcrypto": ("openssl", "libcrypto", "Apache-2.0", "https://www.openssl.org/"),
    "libexpat": ("expat", "expat", "MIT", "https://libexpat.github.io/"),
    "libisal": ("isa-l", "libisal", "BSD-3-Clause", "https://github.com/intel/isa-l"),
    "liblz4": ("lz4", "liblz4", "BSD-2-Clause", "https://lz4.org/"),
    "liblzma": ("xz-utils", "liblzma", PUBLIC_DOMAIN, "https://tukaani.org/xz/"),
    "libmaxminddb": ("libmaxminddb", "libmaxminddb", "Apache-2.0", "https://github.com/maxmind/libmaxminddb"),
    "libpcap": ("libpcap", "libpcap", "BSD-3-Clause", "https://www.tcpdump.org/"),
    "libseccomp": ("libseccomp", "libseccomp", "LGPL-2.1-only", "https://github.com/seccomp/libseccomp"),
    "libyaml-0": ("libyaml", "yaml-0.1", "MIT", "https://pyyaml.org/wiki/LibYAML"),
    "libz": ("zlib", "zlib", "Zlib", "https://zlib.net/"),
    "libzstd": ("zstd", "libzstd", "BSD-3-Clause OR GPL-2.0-only", "https://facebook.github.io/zstd/"),
}
# Parts of a library above, by their own sonames.
PARTS = {"ld-linux-x86-64": "libc", "ld-linux-aarch64": "libc", "libm": "libc", "libpthread": "libc",
         "libssl": "libcrypto"}
OURS = ("libpcap2ipfix.so", "pcap2ipfix", "ipfixtool")


def loaded(path):
    """The sonames that a file needs, without their numbers."""
    text = subprocess.run(["readelf", "-d", path], check=True, capture_output=True, text=True).stdout
    names = {name.split(".so")[0] for name in re.findall(r"\(NEEDED\).*\[(.+)\]", text)}
    return {PARTS.get(name, name) for name in names} - {"libpcap2ipfix"}


def release_time(source):
    """Of the newest release in CHANGELOG.md, unless SOURCE_DATE_EPOCH has another."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
        return time.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = (source / "CHANGELOG.md").read_text(encoding="utf-8")
    return re.search(r"^## .*\((\d{4}-\d\d-\d\d)\)$", text, re.M).group(1) + "T00:00:00Z"


def package(name, version, licence, home):
    made = {"SPDXID": "SPDXRef-" + name, "name": name, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION"}
    if home:
        made["homepage"] = home
    if version:
        made["versionInfo"] = version
        made["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                 "referenceLocator": f"pkg:generic/{name}@{version}"}]
    return made


def document(build):
    """The SPDX document of a build folder, without its namespace."""
    info = build / "meson-info"
    project = json.loads((info / "intro-projectinfo.json").read_text())
    source = pathlib.Path(json.loads((info / "meson-info.json").read_text())["directories"]["source"])
    found = {each["name"]: each["version"] for each in json.loads((info / "intro-dependencies.json").read_text())}
    listed = subprocess.run([build / "pcap2ipfix", "--version"], check=True, capture_output=True, text=True).stdout
    found = dict(re.findall(r"^  (\S+) +(\S+) \(", listed, re.M)) | found
    ours = package("pcap2ipfix", project["version"], "MIT", None)
    ours["primaryPackagePurpose"] = "APPLICATION"
    packages, relationships = [ours], []
    for name in sorted(set().union(*(loaded(build / path) for path in OURS))):
        title, dependency, licence, home = LIBRARIES.get(name, (name, name, "NOASSERTION", None))
        packages.append(package(title, found.get(dependency), licence, home))
        relationships.append({"spdxElementId": "SPDXRef-pcap2ipfix", "relationshipType": "DYNAMIC_LINK",
                              "relatedSpdxElement": "SPDXRef-" + title})
    made = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": "pcap2ipfix-" + project["version"],
            "creationInfo": {"created": release_time(source), "creators": ["Tool: pcap2ipfix-src/sbom.py"]},
            "documentDescribes": ["SPDXRef-pcap2ipfix"], "packages": packages, "relationships": relationships}
    if any(each["licenseDeclared"] == PUBLIC_DOMAIN for each in packages):
        made["hasExtractedLicensingInfos"] = [
            {"licenseId": PUBLIC_DOMAIN, "name": "public domain",
             "extractedText": "liblzma before 5.6 is in the public domain; since then it has the licence 0BSD."}]
    return made


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    output = pathlib.Path(os.environ.get("MESON_INSTALL_DESTDIR_PREFIX", "")) / sys.argv[2]
    made = document(pathlib.Path(sys.argv[1]).resolve())
    digest = hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()
    made["documentNamespace"] = f"https://spdx.org/spdxdocs/{made['name']}-{digest[:32]}"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
