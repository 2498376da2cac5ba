# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Limits of configurations, filters and options; each function is a row of src/limits.def.

# refused NAME TEXT COMMAND...: ends with status 2 and reports TEXT.
refused()
{
    local name=$1 text=$2
    shift 2
    ends 2 "$name" "$@"
    reports "$name: the message" "$text"
}
# repeat COUNT TEXT
repeat() { python3 -c 'import sys; sys.stdout.write(int(sys.argv[1]) * sys.argv[2])' "$1" "$2"; }
config() { refused "$1" "$2" "$P2I" -c "$scratch/config.yaml" "$capture" -j "$scratch/out.json"; }

yaml_bytes()
{
    { echo 'memory: 64M'; repeat 1048577 '#'; } >"$scratch/config.yaml"
    config yaml_bytes 'more than 1048576 bytes'
}
yaml_values()
{
    { echo 'raw: {protocols: ['; repeat 70000 'rtsp, '; echo ']}'; } >"$scratch/config.yaml"
    config yaml_values 'too many values'
}
yaml_depth()
{
    { repeat 100000 '['; } >"$scratch/config.yaml"
    config yaml_depth 'too deep'
}
# A billion texts by aliases of aliases.
yaml_aliases()
{
    {
        echo 'a: &a [x, x, x, x, x, x, x, x, x, x]'
        for name in b c d e f g h i; do echo "$name: &$name [*a, *a, *a, *a, *a, *a, *a, *a, *a]"; done
    } >"$scratch/config.yaml"
    config yaml_aliases 'anchors (&name) are not allowed'
}
# A BPF expression is compiled by libpcap, which gives up by itself.
bpf_depth()
{
    { repeat 200000 '('; echo -n 'port 1'; repeat 200000 ')'; } >"$scratch/filter"
    ends 2 bpf_depth "$P2I" "$capture" -j "$scratch/out.json" --filter-file "$scratch/filter"
}
filter_depth()
{
    refused filter_depth 'more than 100 brackets in brackets' "$IPFIXTOOL" view --json \
        -f "$(repeat 101 '(')port = 1$(repeat 101 ')')" "$records"
    ends 0 'filter_depth: as deep as can be' "$IPFIXTOOL" view --json \
        -f "$(repeat 100 '(')port = 1$(repeat 100 ')')" "$records"
}
columns()
{
    refused columns 'more than 64 columns' "$IPFIXTOOL" join -F "$(repeat 64 time,)host" "$records"
}
top_fields()
{
    refused top_fields 'more than 32 fields' "$IPFIXTOOL" top -F "$(repeat 32 PATH,)HOSTNAME" "$records"
}
report_statistics_files()
{
    local i options=()
    for ((i = 0; i < 65; i++)); do options+=(--stats "$scratch/none"); done
    refused report_statistics_files 'more than 64 files of statistics' "$IPFIXTOOL" report "${options[@]}" \
        -o "$scratch/out.html" "$records"
}
gateway_parameters()
{
    { repeat 4097 $'a=1\n'; } >"$scratch/fastdpi.conf"
    refused gateway_parameters 'too many parameters' "$P2I" --gateway-config "$scratch/fastdpi.conf" "$capture" \
        -j "$scratch/out.json"
}
