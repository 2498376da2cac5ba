# SPDX-License-Identifier: MIT
# library.awk -v example=FILE PAGE HEADER...: the page of the library, with the public headers and
# the first sentence of each behind the line .\" @headers, and the text of the example behind .\" @example.

BEGIN {
    for (i = 2; i < ARGC; i++) {
        headers[i - 1] = ARGV[i]
        delete ARGV[i]
    }
}

function quoted(text)
{
    gsub(/\\/, "\\e", text)
    if (text ~ /^[.']/) {
        text = "\\\&" text
    }
    return text
}

# The second line of a header begins the comment about it.
function purpose(path, line, text)
{
    getline line <path
    while ((getline line <path) > 0) {
        sub(/^\/?[ *]*/, "", line)
        sub(/ *\*\/$/, "", line)
        text = text (text == "" ? "" : " ") line
        if (match(text, /\.( |$)|:$/)) {
            text = substr(text, 1, RSTART - 1) "."
            break
        }
    }
    close(path)
    return text
}

function list_headers(i, name)
{
    print ".Bl -tag -width Ds"
    for (i = 1; i in headers; i++) {
        name = headers[i]
        sub(/.*\//, "", name)
        printf ".It In pcap2ipfix/%s\n%s\n", name, quoted(purpose(headers[i]))
    }
    print ".El"
}

function show_example(line)
{
    print ".Bd -literal"
    while ((getline line <example) > 0) {
        if (line !~ /SPDX/) {
            print quoted(line)
        }
    }
    print ".Ed"
}

/^\.\\" @headers$/ { list_headers(); next }
/^\.\\" @example$/ { show_example(); next }
{ print }
