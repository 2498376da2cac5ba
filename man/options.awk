# SPDX-License-Identifier: MIT
# Puts names, values and defaults of the tables of options and keys into a manual; with
# src/config/read_options.awk. The explanations are the manual's own:
#
#   @option NAME ...   heads the explanation of these options (of the verb of the last .Ss)
#   @key PATH ...      heads the explanation of these keys
#   @explained PATH... these keys are explained by the text around
#   @gateway used      items with the gateway's parameters that are used
#   @gateway ignored   the same for those that are ignored, one item for each reason
#
# It is an error when an option or key has no explanation, or an explanation no option or key.
function complain(text)
{
    print FILENAME ": " text > "/dev/stderr"
    failed = 1
}
function find_option(wanted,    i)
{
    for (i = 1; i <= option_count; i++)
        if (name[i] == wanted && (verb_count == 0 || has_group(i, section)))
            return i
    complain("there is no option --" wanted " of " section)
    return 0
}
# "NAME=VALUE" and "SIZE|TIME" as mdoc.
function value_of(i,    text)
{
    if (placeholder[i] == "")
        text = "Cm " replace(words[i], " ", " | ")
    else
        text = "Ar " tolower(placeholder[i])
    gsub(/[|]/, " | ", text)
    gsub(/  +/, " ", text)
    gsub(/=/, " Ns = Ns Ar ", text)
    return text
}
function head_of(i,    text)
{
    text = "Fl " (letter[i] != "" ? letter[i] " , " : "") "-" name[i]
    if (argument[i] == "OPTIONAL_WORD")
        return text " Ns Op = Ns " value_of(i)
    return argument[i] == "NONE" ? text : text " " value_of(i)
}
function put_options(    field, i, line)
{
    for (field = 2; field <= NF; field++) {
        i = find_option($field)
        if (i == 0)
            continue
        line = line (line != "" ? " , " : "") head_of(i)
        explained[verb_count > 0 ? section " " name[i] : name[i]] = 1
    }
    print ".It " line
}
# A limit as people write it: KIB(64) is 64K.
function limit(text)
{
    if (text ~ /^KIB/)
        return replace(replace(text, "KIB\\(", ""), "\\)", "K")
    if (text ~ /^MIB/)
        return replace(replace(text, "MIB\\(", ""), "\\)", "M")
    if (text == "UINT16_MAX")
        return "65535"
    return text == "UINT32_MAX" ? "4294967295" : text
}
function range_of(path,    or_zero)
{
    or_zero = key_or_zero[path] ? ", or 0" : ""
    if (key_most[path] == "SIZE_TOP")
        return " of at least " limit(key_least[path]) or_zero
    return " from " limit(key_least[path]) " to " limit(key_most[path]) or_zero
}
function kind_of(path,    kind)
{
    kind = key_kind[path]
    if (kind == "number" || kind == "size")
        return kind range_of(path)
    if (kind == "flow_collector_type")
        return "number" range_of(path)
    if (kind == "pace")
        return "number from 0.001 to 1000000, or 0"
    if (kind == "domain")
        return "number from 0 to 4294967295"
    if (kind == "fixed")
        return "size, built in"
    if (kind == "flag" || kind == "switch" || kind == "record")
        return "switch"
    if (kind == "choice")
        return replace(key_words[path], " ", ", ")
    if (kind == "section" || kind == "channels")
        return "map"
    if (kind == "flow_collector")
        return "collector"
    if (kind == "text" || kind == "columns")
        return "text"
    return "list"
}
function put_keys(    field, path, line)
{
    for (field = 2; field <= NF; field++) {
        path = $field
        if (!(path in key_kind))
            complain("there is no key " path)
        line = line (line != "" ? " , " : "") replace(path, ".*[.]", "")
        explained[path] = 1
    }
    print ".It Ic " line
    line = ".Pq " kind_of(path)
    if (key_default[path] != "")
        line = line "; default " replace(key_default[path], "'", "\\(aq")
    for (field = 2; field <= NF; field++)
        if ($field in key_option)
            line = line "; option Fl -" key_option[$field]
    print line
}
# Parameters of the gateway of the same reason; "": those that are used.
function put_parameters(why,    i, line)
{
    for (i = 1; i <= gateway_count; i++)
        if (gateway_why[i] == why)
            line = line (line != "" ? " , " : ".It ") "Cm " gateway_name[i]
    print line
}
function put_gateway(wanted,    i, done)
{
    if (wanted == "used")
        put_parameters("")
    for (i = 1; i <= gateway_count; i++) {
        if (wanted == "used" && gateway_initial[i] != "")
            print ".It Cm " gateway_name[i] "\nby default " gateway_initial[i] " here, as on the gateway"
        if (wanted == "ignored" && gateway_why[i] != "" && !done[gateway_why[i]]++) {
            put_parameters(gateway_why[i])
            print replace(gateway_why[i], " -", " \\-")
        }
    }
}
BEGIN { read_tables() }
/^\.S[sh] / { section = $2 == "DESCRIPTION" ? "program" : $2 }
/^@option / { has_options = 1; put_options(); next }
/^@explained / { for (i = 2; i <= NF; i++) explained[$i] = 1; next }
/^@gateway / { put_gateway($2); next }
/^@key / { has_keys = 1; put_keys(); next }
{ print }
END {
    for (i = 1; has_options && i <= option_count; i++) {
        if (verb_count == 0 && !(name[i] in explained))
            complain("option --" name[i] " has no explanation")
        for (v = 1; v <= verb_count; v++)
            if (has_group(i, verb_name[v]) && !has_group(i, "program") && \
                !((verb_name[v] " " name[i]) in explained))
                complain("option --" name[i] " of " verb_name[v] " has no explanation")
    }
    for (path in key_kind)
        if (has_keys && !(path in explained))
            complain("key " path " has no explanation")
    if (failed)
        exit 1
}
