# SPDX-License-Identifier: MIT
# Puts the rows of a group of the table of limits (src/limits.def) in the place of each line
# "@limits GROUP". The variable `table` is the path of the table.
function read_table(    line, row, text)
{
    while ((getline line < table) > 0) {
        if (row == "" && line !~ /^LIMIT\(/)
            continue
        row = row line
        if (row !~ /"\)$/)
            continue
        # LIMIT(group, "file", "expression", "value", "what", "then", "tells", "test")
        group[++count] = row
        gsub(/^LIMIT\(|,.*$/, "", group[count])
        split(row, text, "\"")
        value[count] = text[6]
        what[count] = text[8]
        then[count] = text[10]
        tells[count] = text[12]
        test[count] = text[14]
        row = ""
    }
}
# Names of options are macros of the page.
function escaped(text)
{
    gsub(/--/, "\\-\\-", text)
    return text
}
function put_tells(text,    i, names, number)
{
    if (text ~ /^message /) {
        sub(/^message /, "", text)
        print ".Dq " escaped(text)
    } else if (text == "nothing") {
        print "Nothing is lost."
    } else if (text ~ /^output /) {
        sub(/^output /, "", text)
        print "In the output: " escaped(text) "."
    } else {
        number = split(text, names, ", ")
        for (i = 1; i <= number; i++)
            print ".Li " names[i] (i < number ? " ," : "")
    }
}
function put(wanted,    i)
{
    for (i = 1; i <= count; i++) {
        if (group[i] != wanted)
            continue
        print ".It " escaped(value[i])
        print escaped(what[i]) ":"
        print escaped(then[i]) "."
        put_tells(tells[i])
        print ".Bq " test[i]
    }
}
BEGIN { read_table() }
$1 == "@limits" { put($2); next }
{ print }
