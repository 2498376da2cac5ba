# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# The tables of options: each option is in --help, in the manual and in the completions of the
# shells; part of tests/cli/run, whose variables and functions these are.

made=$(dirname "$P2I") # where the build puts manuals and completions
# table PROGRAM FILE: "group letter name" of each option; of ipfixtool the group is a verb.
table()
{
    # shellcheck disable=SC2016
    awk -v program="$1" -v options="$2" -v keys="$root/src/config/keys.def" \
        -f "$root/src/config/read_options.awk" -f <(echo 'BEGIN {
            read_tables()
            for (i = 1; i <= option_count; i++) {
                count = split(groups[i], of, " ")
                for (j = 1; j <= count; j++)
                    print of[j], letter[i] == "" ? "-" : letter[i], name[i]
            }
        }')
}
table pcap2ipfix "$root/src/config/options.def" >options.table
table ipfixtool "$root/src/cli/ipfixtool/options.def" >tool.table
expect 'options: the tables are read' test "$(wc -l <options.table)" -ge 40 -a "$(wc -l <tool.table)" -ge 40

# lacking NAME: the test is that no option was added to the file `lacking`.
lacking() { if [ -s lacking ]; then not_ok "$1" lacking; else ok "$1"; fi; }

"$P2I" --help >help.all
while read -r _ letter name; do
    head="--$name"
    [ "$letter" = - ] || head="-$letter, --$name"
    grep -qE -- "^ +$head( |\[|\$)" help.all || echo "$head"
done <options.table >lacking
lacking 'options: --help of pcap2ipfix has each'
"$IPFIXTOOL" --help >help.program
for verb in view check fields listen send merge diff corpus extract join report top; do "$IPFIXTOOL" "$verb" --help >"help.$verb"; done
while read -r verb letter name; do
    head="--$name"
    [ "$letter" = - ] || head="-$letter, --$name"
    grep -qE -- "^ +$head( |\[|\$)" "help.$verb" || echo "$verb $head"
done <tool.table >lacking
lacking 'options: --help of ipfixtool has each'
expect 'options: --help fits 80 columns' bash -c "! { '$P2I' --help; '$IPFIXTOOL' --help; } | grep -E '.{83}'"

while read -r _ _ name; do
    grep -qE -- "^\.It (.* )?-$name( |\$)" "$made/man/pcap2ipfix.1" || echo "$name"
done <options.table >lacking
lacking 'options: the manual of pcap2ipfix has each'
while read -r verb _ name; do
    case $name in help | user | no-sandbox) verb=DESCRIPTION ;; esac
    [ "$verb" = program ] && verb=DESCRIPTION
    grep -qE -- "^\.It (.* )?-$name( |\$)" < <(awk -v verb="$verb" '/^\.S[sh] / { on = $2 == verb } on' \
        "$made/man/ipfixtool.1") || echo "$verb $name"
done <tool.table >lacking
lacking 'options: the manual of ipfixtool has each'
# An option without an explanation, and an explanation without an option, break the build.
explain=(awk -v options=short.def -v keys="$root/src/config/keys.def" -f "$root/src/config/read_options.awk"
    -f "$root/man/options.awk" "$root/man/pcap2ipfix.1.in")
cp "$root/src/config/options.def" short.def
ends 0 'options: the manual explains each' "${explain[@]}"
echo 'OPTION(NEW, RUN, "new", 0, NONE, "", "", 0, "", "new")' >>short.def
ends 1 'options: an option without explanation' "${explain[@]}"
reports 'options: an option without explanation is named' 'option --new has no explanation'
grep -v '"strict"' "$root/src/config/options.def" >short.def
ends 1 'options: an explanation without option' "${explain[@]}"

for program in pcap2ipfix ipfixtool; do
    list=options.table
    [ "$program" = pcap2ipfix ] || list=tool.table
    for file in "$program" "_$program" "$program.fish"; do
        while read -r _ letter name; do
            grep -qE -- "(--|-l )$name\>" "$made/completions/$file" || echo "--$name"
            [ "$letter" = - ] || grep -qE -- "(-|-s )$letter\>" "$made/completions/$file" || echo "-$letter"
        done <"$list" >lacking
        lacking "options: completions/$file has each"
    done
    expect "completions of $program: bash reads them" bash -n "$made/completions/$program"
    if command -v zsh >/dev/null; then
        expect "completions of $program: zsh reads them" zsh -n "$made/completions/_$program"
    else
        skip "completions of $program: zsh reads them" 'no zsh'
    fi
    if command -v fish >/dev/null; then
        expect "completions of $program: fish reads them" fish -n "$made/completions/$program.fish"
    else
        skip "completions of $program: fish reads them" 'no fish'
    fi
done

# completes WANT WORD...: bash offers these for the last word.
completes()
{
    local want=$1 got
    shift
    # shellcheck disable=SC2016
    got=$(bash -c '. "$0/$1"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_$1"; printf "%s\n" "${COMPREPLY[@]}"' \
        "$made/completions" "$@" | LC_ALL=C sort | xargs)
    expect "completion of '$*': $want" test "$got" = "$want"
}
completes '--rate --read --records --recursive --redact --retry --rotate' pcap2ipfix --r
completes 'args name time' pcap2ipfix --order ''
completes 'name' pcap2ipfix --order = n
completes 'json' pcap2ipfix --stats = j
completes 'dns,sip dns,ssl_reply' pcap2ipfix --records dns,s
completes '' pcap2ipfix -w ''
completes 'capture' pcap2ipfix --export-time cap
completes '--help --no-sandbox --user --version -V -Z -h check corpus diff extract fields join listen merge report send top view' ipfixtool ''
completes 'merge' ipfixtool m
completes '--unique' ipfixtool merge --un
completes 'pmacct pmacct-meta' ipfixtool fields -f pm
completes '--csv --csv-safe' ipfixtool view --c
