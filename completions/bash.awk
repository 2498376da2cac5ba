# SPDX-License-Identifier: MIT
# Completion for bash; with src/config/read_options.awk.

# A pattern of `case`: "-w|--write".
function names_of(i)
{
    return (letter[i] != "" ? "-" letter[i] "|" : "") "--" name[i]
}
function action(i)
{
    if (argument[i] == "FILE")
        return "_" program "_files"
    if (argument[i] == "DIRECTORY")
        return "compopt -o dirnames 2>/dev/null"
    if (argument[i] == "LIST")
        return "_" program "_list '" words[i] "'"
    if (words[i] != "")
        return "_" program "_words '" words[i] "'"
    return ":"
}
# The options of a group: values of those that have one, and all names.
function put_group(group, arguments,    i, all)
{
    print "        case $previous in"
    for (i = 1; i <= option_count; i++) {
        if (!has_group(i, group))
            continue
        all = all " --" name[i] (letter[i] != "" ? " -" letter[i] : "")
        if (argument[i] == "OPTIONAL_WORD") # behind '=' alone
            print "            --" name[i] ") [ -z \"$equals\" ] || { " action(i) "; return; } ;;"
        else if (argument[i] != "NONE")
            print "            " names_of(i) ") " action(i) "; return ;;"
    }
    print "        esac"
    print "        case $current in"
    print "            -*) _" program "_words '" substr(all, 2) "' ;;"
    print "            *) " (arguments ~ /FILE|CAPTURE/ ? "_" program "_files" : ":") " ;;"
    print "        esac"
}
BEGIN {
    read_tables()
    print "# bash completion of " program ", made from its table of options.  -*- shell-script -*-"
    print "_" program "_words() { COMPREPLY=($(compgen -W \"$1\" -- \"$current\")); }"
    print "# Words with commas between them: the last one is completed."
    print "_" program "_list()"
    print "{"
    print "    local last=${current##*,}"
    print "    COMPREPLY=($(compgen -P \"${current%\"$last\"}\" -W \"$1\" -- \"$last\"))"
    print "    compopt -o nospace 2>/dev/null"
    print "}"
    print "_" program "_files() { compopt -o default 2>/dev/null; }"
    print "_" program "()"
    print "{"
    print "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} equals="
    print "    COMPREPLY=()"
    print "    # readline makes three words of --name=value"
    print "    if [ \"$current\" = = ]; then"
    print "        current= equals=yes"
    print "    elif [ \"$previous\" = = ]; then"
    print "        previous=${COMP_WORDS[COMP_CWORD - 2]} equals=yes"
    print "    fi"
    if (verb_count == 0) {
        put_group("", "CAPTURE")
    } else {
        print "    local verb= i"
        print "    for ((i = 1; i < COMP_CWORD; i++)); do"
        print "        case ${COMP_WORDS[i]} in -*) ;; *) verb=${COMP_WORDS[i]}; break ;; esac"
        print "    done"
        print "    case $verb in"
        for (v = 1; v <= verb_count; v++) {
            print "    " verb_name[v] ")"
            put_group(verb_name[v], verb_arguments[v])
            print "        ;;"
            all = all " " verb_name[v]
        }
        print "    '')"
        for (i = 1; i <= option_count; i++)
            if (has_group(i, "program"))
                all = all " --" name[i] (letter[i] != "" ? " -" letter[i] : "")
        print "        _" program "_words '" substr(all, 2) "'"
        print "        ;;"
        print "    esac"
    }
    print "}"
    print "complete -F _" program " " program
    exit 0
}
