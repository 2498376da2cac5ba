# SPDX-License-Identifier: MIT
# Puts the field tables that the program itself prints in the place of each "@fields KIND" line.
# The variable `tool` is the path of ipfixtool.
$1 == "@fields" {
    fflush()
    if (system("\"" tool "\" fields --format mdoc --record " $2) != 0)
        exit 1
    next
}
{ print }
