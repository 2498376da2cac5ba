# SPDX-License-Identifier: MIT
# Completion for fish; with src/config/read_options.awk.
function quote(text)
{
    gsub(/[\\']/, "\\\\&", text)
    return "'" text "'"
}
function action(i)
{
    if (argument[i] == "NONE")
        return ""
    if (argument[i] == "FILE")
        return " -r -F"
    if (argument[i] == "DIRECTORY")
        return " -x -a '(__fish_complete_directories)'"
    if (argument[i] == "LIST")
        return " -x -a '(__fish_append , " words[i] ")'"
    if (argument[i] == "OPTIONAL_WORD")
        return " -f -a " quote(words[i])
    return " -x" (words[i] != "" ? " -a " quote(words[i]) : "")
}
function put_option(i, condition)
{
    print "complete -c " program condition (letter[i] != "" ? " -s " letter[i] : "") " -l " name[i] \
        action(i) " -d " quote(short_help(i))
}
BEGIN {
    read_tables()
    print "# Completion of " program ", made from its table of options."
    for (i = 1; verb_count == 0 && i <= option_count; i++)
        put_option(i, "")
    for (v = 1; v <= verb_count; v++) {
        print "complete -c " program " -n __fish_use_subcommand -f -a " verb_name[v] " -d " quote(verb_help[v])
        for (i = 1; i <= option_count; i++)
            if (has_group(i, verb_name[v]))
                put_option(i, " -n '__fish_seen_subcommand_from " verb_name[v] "'")
    }
    for (i = 1; verb_count > 0 && i <= option_count; i++)
        if (has_group(i, "program"))
            put_option(i, " -n __fish_use_subcommand")
    exit 0
}
