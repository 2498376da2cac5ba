#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""spdx.py FILE VERSION BINARY...: the file is a document by SPDX 2.3 (the properties that its JSON schema requires, names
and references that agree), of this version of pcap2ipfix, and has each library that the binaries load, with a
licence and a version; but for the C library, whose version is that of the machine."""
import json
import re
import subprocess
import sys

sys.path.insert(0, "src")
import sbom  # noqa: E402

REQUIRED = {"": ("SPDXID", "creationInfo", "dataLicense", "documentNamespace", "name", "spdxVersion"),
            "packages": ("SPDXID", "name", "downloadLocation"),
            "relationships": ("spdxElementId", "relatedSpdxElement", "relationshipType"),
            "hasExtractedLicensingInfos": ("licenseId", "extractedText")}
LICENCE = re.compile(r"(LicenseRef-)?[A-Za-z0-9.-]+( (OR|AND) [A-Za-z0-9.-]+)*")


def form(document):
    """What is wrong with the document as such."""
    for part, names in REQUIRED.items():
        for each in document.get(part, []) if part else [document]:
            yield from (f"{part or 'document'}: no {name}" for name in names if not each.get(name))
    created = document["creationInfo"]
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created["created"]) or not created["creators"]:
        yield f"creationInfo: {created}"
    if (document["spdxVersion"], document["dataLicense"]) != ("SPDX-2.3", "CC0-1.0"):
        yield "spdxVersion or dataLicense"
    if not re.fullmatch(r"https?://[^#]+", document["documentNamespace"]):
        yield f"documentNamespace: {document['documentNamespace']}"
    ids = [document["SPDXID"], *(each["SPDXID"] for each in document["packages"])]
    yield from (f"not an identifier: {each}" for each in ids if not re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", each))
    yield from (f"twice: {each}" for each in set(ids) if ids.count(each) > 1)
    for each in document["relationships"]:
        yield from (f"no element {each[name]}" for name in REQUIRED["relationships"][:2] if each[name] not in ids)
    yield from (f"described: {each}" for each in document["documentDescribes"] if each not in ids)
    known = [each["licenseId"] for each in document.get("hasExtractedLicensingInfos", [])]
    for each in document["packages"]:
        licence = each["licenseDeclared"]
        if licence == "NOASSERTION" or not LICENCE.fullmatch(licence):
            yield f"{each['name']}: licence {licence} (src/sbom.py has those that are known)"
        if licence.startswith("LicenseRef-") and licence not in known:
            yield f"{each['name']}: no text of {licence}"


def contents(document, version, binaries):
    """What is wrong with the document for these binaries."""
    packages = {each["name"]: each for each in document["packages"]}
    if packages["pcap2ipfix"].get("versionInfo") != version:
        yield f"pcap2ipfix has the version {packages['pcap2ipfix'].get('versionInfo')}"
    linked = {each["relatedSpdxElement"] for each in document["relationships"] if each["relationshipType"] == "DYNAMIC_LINK"}
    text = subprocess.run(["readelf", "-d", *binaries], check=True, capture_output=True, text=True).stdout
    for soname in sorted(set(re.findall(r"\(NEEDED\).*\[(.+)\]", text))):
        stem = soname.split(".so")[0]
        name = sbom.LIBRARIES.get(sbom.PARTS.get(stem, stem), (stem,))[0]
        if stem == "libpcap2ipfix":
            continue
        if name not in packages or "SPDXRef-" + name not in linked:
            yield f"{soname} is missing"
        elif name != "glibc" and not packages[name].get("versionInfo"):
            yield f"{name} has no version"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    wrong = [*form(document), *contents(document, sys.argv[2], sys.argv[3:])]
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
