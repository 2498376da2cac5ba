# SPDX-License-Identifier: MIT
# Reads tables of options and keys (options.def, keys.def) for the manual and the completions of the
# shells. Variables: options and keys, the paths; program, its name.
# After read_tables() there are, by number from 1: name, letter ("" if none), argument, placeholder,
# words (separated by spaces), groups (separated by spaces), repeats, key, help of `option_count`
# options; verb_name, verb_arguments, verb_help of `verb_count` verbs; and by path ("memory",
# "subscribers.file") key_kind, key_least, key_most, key_words, key_default, key_option. With the variable
# gateway, the path of gateway.def, also gateway_name, gateway_initial and gateway_why of `gateway_count`
# parameters.

# The cells of a row that begins at `at` of `text`, behind its "(": into cell[1...]. Gives their number.
function read_cells(text, at,    count, depth, quoted, char)
{
    count = 1
    cell[1] = ""
    for (depth = 0; ; at++) {
        char = substr(text, at, 1)
        if (char == "\"")
            quoted = !quoted
        else if (quoted)
            cell[count] = cell[count] char
        else if (char == "," && depth == 0)
            cell[++count] = ""
        else if (char == ")" && depth-- == 0)
            return count
        else if (char !~ /[ \n]/) {
            depth += char == "("
            cell[count] = cell[count] char
        }
        if (at > length(text))
            return 0
    }
}
function read_text(path,    text, line)
{
    text = "\n"
    while ((getline line < path) > 0)
        if (line !~ /^(\/\*| \*)/)
            text = text line "\n"
    close(path)
    if (text == "\n") {
        print "cannot read " path > "/dev/stderr"
        exit 1
    }
    return text
}
function replace(text, from, to)
{
    gsub(from, to, text)
    return text
}
function add_option()
{
    option_count++
    id[option_count] = cell[1]
    groups[option_count] = replace(tolower(cell[2]), "[|]", " ")
    name[option_count] = cell[3]
    letter[option_count] = cell[4] == "0" ? "" : substr(cell[4], 2, 1)
    argument[option_count] = cell[5]
    placeholder[option_count] = cell[6]
    words[option_count] = replace(cell[7], "[|]", " ")
    repeats[option_count] = cell[8] == "REPEATS"
    key[option_count] = cell[9]
    help[option_count] = cell[10]
}
function add_verb()
{
    verb_count++
    verb_name[verb_count] = cell[2]
    verb_arguments[verb_count] = cell[3]
    verb_help[verb_count] = cell[4]
}
function add_key(    path)
{
    path = cell[1] == "" ? cell[2] : cell[1] "." cell[2]
    key_kind[path] = cell[3]
    key_least[path] = cell[5]
    key_most[path] = cell[6]
    key_words[path] = cell[3] == "choice" ? replace(cell[7], "[|]", " ") : ""
    key_or_zero[path] = cell[7] == "or 0"
    key_default[path] = cell[8]
}
function add_gateway()
{
    gateway_count++
    gateway_name[gateway_count] = cell[1]
    gateway_initial[gateway_count] = cell[2]
    gateway_why[gateway_count] = cell[3]
}
function read_rows(path,    text, at, macro)
{
    text = read_text(path)
    while (match(text, /\n(OPTION|VERB|KEY|GATEWAY)\(/)) {
        macro = substr(text, RSTART + 1, RLENGTH - 2)
        text = substr(text, RSTART + RLENGTH)
        if (read_cells(text, 1) == 0) {
            print path ": a row of " macro " does not end" > "/dev/stderr"
            exit 1
        }
        if (macro == "OPTION")
            add_option()
        else if (macro == "VERB")
            add_verb()
        else if (macro == "GATEWAY")
            add_gateway()
        else
            add_key()
    }
}
function read_tables(    i)
{
    read_rows(keys)
    read_rows(options)
    if (gateway != "")
        read_rows(gateway)
    for (i = 1; i <= option_count; i++) {
        if (key[i] == "")
            continue
        if (!(key[i] in key_kind)) {
            print options ": there is no key " key[i] > "/dev/stderr"
            exit 1
        }
        key_option[key[i]] = name[i]
        if (words[i] == "")
            words[i] = key_words[key[i]]
    }
}
# Whether option i belongs to a group; "" is any.
function has_group(i, group)
{
    return group == "" || index(" " groups[i] " ", " " group " ") > 0
}
# What the shells show: the help up to its first ';'.
function short_help(i)
{
    return replace(help[i], ";.*", "")
}
