# SPDX-License-Identifier: MIT
# Puts the tables that the program itself prints in the place of each "@fields KIND" line and of
# "@protocols". The variable `tool` is the path of ipfixtool.
function put(options)
{
    fflush()
    if (system("\"" tool "\" fields --format mdoc " options) != 0)
        exit 1
}
$1 == "@fields" { put("--record " $2); next }
$1 == "@protocols" { put("--protocols"); next }
{ print }
