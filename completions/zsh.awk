# SPDX-License-Identifier: MIT
# Completion for zsh; with src/config/read_options.awk.

# In single quotes; within "[...]" brackets and backslashes need one.
function quote(text)
{
    gsub(/'/, "'\\''", text)
    return "'" text "'"
}
function explain(i,    text)
{
    text = short_help(i)
    gsub(/[][\\]/, "\\\\&", text)
    return "[" text "]"
}
function action(i,    what)
{
    what = placeholder[i] != "" ? placeholder[i] : "word"
    gsub(/:/, "\\:", what)
    if (argument[i] == "FILE")
        return what ":_files"
    if (argument[i] == "DIRECTORY")
        return what ":_files -/"
    if (argument[i] == "LIST")
        return what ":_values -s , word " words[i]
    if (words[i] != "")
        return what ":(" words[i] ")"
    return what ": "
}
function put_option(i,    value, short, long, before)
{
    value = argument[i] == "NONE" ? "" : argument[i] == "OPTIONAL_WORD" ? "::" action(i) : ":" action(i)
    short = "-" letter[i] (value != "" ? "+" : "")
    long = "--" name[i] (argument[i] == "OPTIONAL_WORD" ? "=-" : value != "" ? "=" : "")
    before = repeats[i] ? "*" : "(" (letter[i] != "" ? "-" letter[i] " " : "") "--" name[i] ")"
    if (letter[i] == "")
        print "        " quote(before long explain(i) value) " \\"
    else
        print "        " quote(before) "{" short "," long "}" quote(explain(i) value) " \\"
}
function put_group(group, arguments,    i)
{
    print "    _arguments -s -S \\"
    for (i = 1; i <= option_count; i++)
        if (has_group(i, group))
            put_option(i)
    print "        " (arguments ~ /FILE|CAPTURE/ ? "'*:file:_files'" : arguments != "" ? "'1:URL: '" : "':'")
}
BEGIN {
    read_tables()
    print "#compdef " program
    print "# Made from the table of options of " program "."
    if (verb_count == 0) {
        put_group("", "CAPTURE")
        exit 0
    }
    print "local context state state_descr line"
    print "typeset -A opt_args"
    print "local -a verbs=("
    for (v = 1; v <= verb_count; v++)
        print "    " quote(verb_name[v] ":" verb_help[v])
    print ")"
    print "_arguments -C -S \\"
    for (i = 1; i <= option_count; i++)
        if (has_group(i, "program"))
            put_option(i)
    print "        '1:verb:->verb' '*::argument:->argument'"
    print "case $state in"
    print "verb) _describe verb verbs ;;"
    print "argument)"
    print "    case $words[1] in"
    for (v = 1; v <= verb_count; v++) {
        print "    " verb_name[v] ")"
        put_group(verb_name[v], verb_arguments[v])
        print "    ;;"
    }
    print "    esac"
    print "    ;;"
    print "esac"
    exit 0
}
