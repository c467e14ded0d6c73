#!/usr/bin/env bash
# Prints workbooks as a person would, and checks that the golden ones take as many pages as they should.
#
#   tests/print-reports.sh FOLDER [FILE.xlsx …]
#
# Without files it prints the golden ones, and makes the README's pictures of them anew (`golden/pictures`: the part
# of a page that is not empty, in 255 colours). PDF and one PNG per page stay in FOLDER.
# Needs LibreOffice Calc, poppler-utils, Pillow for the pictures, and the font Carlito (it has Calibri's widths); on Debian
#   apt-get install --no-install-recommends libreoffice-calc poppler-utils python3-pil fonts-crosextra-carlito fonts-dejavu
set -euo pipefail

folder=${1:?give a folder for the pictures}
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pictures=
if [ $# -eq 0 ]; then
    set -- "$here"/golden/*.xlsx
    pictures=$here/golden/pictures
fi
mkdir -p "$folder"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

soffice "-env:UserInstallation=file://$profile" --headless --convert-to pdf --outdir "$folder" "$@" >/dev/null

# Pages of each golden workbook, all of its sheets together.
golden_pages='
2 BankedTime-2026-01-01-2026-12-31
4 BillableSummary-2026-11-15-2026-11-21
3 ExpenseClaims-2026-10-01-2026-10-31
1 LEM-ABC-001-LEM-0001
2 LEM-Timesheet-ABC-001-2026-11-15-2026-11-21
4 Nov-ABC-001
4 Nov-Summary
2 Nov-Yard & Shop
4 Payroll-Hourly-2026-11-08-2026-11-21
3 Payroll-Salary-2026-11-08-2026-11-21
4 TimeStatus-2026-11-15
'
faults=0
for workbook in "$@"; do
    name=$(basename "$workbook" .xlsx)
    pdf="$folder/$name.pdf"
    [ -s "$pdf" ] || { echo "not printed: $workbook"; faults=1; continue; }
    rm -f "$folder/$name"-*.png
    pdftoppm -r 110 -png "$pdf" "$folder/$name"
    # A sheet that is more than one page wide, or a row that is too high, takes more of them.
    pages=$(pdfinfo "$pdf" | awk '/^Pages:/ { print $2 }')
    expected=$(sed -n "s/^\([0-9]*\) $name\$/\1/p" <<<"$golden_pages")
    if [ "$pages" != "${expected:-$pages}" ]; then
        echo "$name: $pages pages, not $expected"
        faults=1
    fi
    echo "$name: $pages pages"
done

# picture NAME PAGE: without the page's head and foot, without what is empty around the rest.
picture() {
    python3 - "$folder/$2.png" "$pictures/$1.png" <<'PYTHON'
import sys
from PIL import Image, ImageChops, ImageOps

page = Image.open(sys.argv[1]).convert("RGB")
page = page.crop((0, 52, page.width, page.height - 52))
empty = Image.new("RGB", page.size, "white")
page = ImageOps.expand(page.crop(ImageChops.difference(page, empty).getbbox()), 10, "white")
page.quantize(255, dither=Image.Dither.NONE).save(sys.argv[2], optimize=True)
PYTHON
}
if [ -n "$pictures" ]; then
    picture payroll Payroll-Salary-2026-11-08-2026-11-21-1
    picture billing Nov-ABC-001-1
    picture billing-summary Nov-Summary-2
    picture billable-summary BillableSummary-2026-11-15-2026-11-21-1
    picture time-status TimeStatus-2026-11-15-1
    picture lem-sheet LEM-ABC-001-LEM-0001-1
    picture lem-timesheet LEM-Timesheet-ABC-001-2026-11-15-2026-11-21-1
    picture banked-time BankedTime-2026-01-01-2026-12-31-1
    picture expense-claims ExpenseClaims-2026-10-01-2026-10-31-1
fi
exit $faults
