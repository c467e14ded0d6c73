#!/usr/bin/env bash
# Prints workbooks as a person would, and checks that each sheet is one page wide.
#
#   tests/print-reports.sh FOLDER [FILE.xlsx …]
#
# Without files it prints the golden ones. PDF and one PNG per page stay in FOLDER.
# Needs LibreOffice Calc, poppler-utils, and the font Carlito (it has Calibri's widths); on Debian
#   apt-get install --no-install-recommends libreoffice-calc poppler-utils fonts-crosextra-carlito fonts-dejavu
set -euo pipefail

folder=${1:?give a folder for the pictures}
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ $# -eq 0 ]; then
    set -- "$here"/golden/*.xlsx
fi
mkdir -p "$folder"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

soffice "-env:UserInstallation=file://$profile" --headless --convert-to pdf --outdir "$folder" "$@" >/dev/null

faults=0
for workbook in "$@"; do
    name=$(basename "$workbook" .xlsx)
    pdf="$folder/$name.pdf"
    [ -s "$pdf" ] || { echo "not printed: $workbook"; faults=1; continue; }
    rm -f "$folder/$name"-*.png
    pdftoppm -r 110 -png "$pdf" "$folder/$name"
    # A sheet that is more than one page wide prints pages without the foot's first page number in order;
    # what can be checked is that each page says its own number and the sheet's count.
    pages=$(pdfinfo "$pdf" | awk '/^Pages:/ { print $2 }')
    numbered=$(pdftotext -layout "$pdf" - | grep -c -E 'Page [0-9]+ of [0-9]+' || true)
    if [ "$pages" != "$numbered" ]; then
        echo "$name: $pages pages, $numbered of them numbered"
        faults=1
    fi
    echo "$name: $pages pages"
done
exit $faults
