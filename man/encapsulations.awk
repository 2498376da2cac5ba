# SPDX-License-Identifier: MIT
# Puts rows of the decoder's table (src/packet/encapsulations.def) in the place of each line
# "@encapsulations MACRO ...". The variable `table` is the path of the table.
function read_table(    line, row, fields, text)
{
    while ((getline line < table) > 0) {
        if (row == "" && line !~ /^[A-Z_]+\(/)
            continue
        row = row line
        if (row !~ /\)$/)
            continue
        # MACRO(number, NAME, function, "what"[, "source"])
        split(row, fields, /[(,] */)
        split(row, text, "\"")
        macro[++count] = fields[1]
        number[count] = fields[2]
        name[count] = fields[3]
        what[count] = text[2]
        source[count] = text[4]
        row = ""
    }
}
function put(wanted,    i)
{
    if (wanted == "LINK")
        print ".Bl -column \"0000\" \"IEEE802_11_RADIOTAP\" \"x\""
    else
        print ".Bl -column \"0x000000\" \"x\""
    for (i = 1; i <= count; i++) {
        if (macro[i] != wanted)
            continue
        if (wanted == "LINK")
            print ".It " number[i] " Ta " name[i] " Ta \"" what[i] "\""
        else if (source[i] == "-")
            print ".It " number[i] " Ta \"" what[i] "\""
        else
            print ".It " number[i] " Ta \"" what[i] "; " source[i] "\""
    }
    print ".El"
}
BEGIN { read_table() }
$1 == "@encapsulations" { put($2); next }
{ print }
