#!/usr/bin/env python3
"""Makes the payroll sheet of 2 000 hourly people with Python's XlsxWriter, and compares the times.

    tests/compare-xlsxwriter.py [PROGRAM ...]

PROGRAM is the built benchmark `reports` with its arguments; without it cargo builds and runs it. Both programs write the same cells in the same formats: a heading, ten rows and a sub-total with formulas for each
person, widths, marks that stay live, print setup. Ours writes the salaried workbook, the exceptions and the CSV
besides, and zips all of it. XlsxWriter comes from PyPI into target/xlsxwriter.
"""

import datetime
import json
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / "target" / "xlsxwriter"
ROWS = ROOT / "target" / "payroll-rows.json"
VERSION = "3.2.5"
RUNS = 5
HEADINGS = ["Staff Member", "Type", "Date", "REG", "OT", "BANKED", "Used PTO", "STAT", "Policy", "Total Paid",
            "Status", "Day Length", "Notes"]
SUMMED = [3, 4, 5, 6, 7, 9]


def in_the_environment():
    """Runs this script again with the Python that has XlsxWriter."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        f"XlsxWriter=={VERSION}"], check=True)
    if Path(sys.prefix) != ENVIRONMENT:
        sys.exit(subprocess.run([python, __file__, *sys.argv[1:]]).returncode)


def written(people, path):
    import xlsxwriter
    from xlsxwriter.utility import xl_rowcol_to_cell as cell

    book = xlsxwriter.Workbook(path)
    look = {"font_name": "Calibri", "font_size": 10, "valign": "top", "bottom": 1, "bottom_color": "#D5DCE2"}
    formats = {}
    for name, more in {
        "text": {}, "date": {"num_format": "ddd, mmm d, yyyy"}, "hours": {"num_format": '0.00;-0.00;"–"'},
        "total": {"num_format": "0.00"}, "word": {"align": "center"}, "long": {"text_wrap": True},
    }.items():
        for band, fill in (("body", None), ("band", "#F5F7F9")):
            formats[name, band] = book.add_format({**look, **more, **({"bg_color": fill} if fill else {})})
    kinds = ["text", "text", "date", *["hours"] * 5, "long", "total", "word", "total", "long"]
    heading = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#2F4858"})
    group = book.add_format({"bold": True, "bg_color": "#DFE6EC"})
    strong = book.add_format({"bold": True, "num_format": "0.00", "top": 1, "bottom": 1})
    red, yellow = book.add_format({"bg_color": "#F9C6BF"}), book.add_format({"bg_color": "#FFF2A0"})

    sheet = book.add_worksheet("Payroll")
    sheet.write_string(0, 0, "Hill Plain")
    sheet.write_string(1, 0, "Payroll, hourly staff")
    for at, text in enumerate(HEADINGS):
        sheet.write_string(5, at, text, heading)
    sums = [0.0] * len(HEADINGS)
    row = 6
    for person in people:
        sheet.write_string(row, 0, f"{person['name']}   (manager: {person['manager']})", group)
        for at in range(1, len(HEADINGS)):
            sheet.write_blank(row, at, None, group)
        row += 1
        first, own = row, [0.0] * len(HEADINGS)
        for number, day in enumerate(person["days"]):
            band = "band" if number % 2 else "body"
            values = [person["name"], "Hourly", datetime.date.fromisoformat(day["date"]),
                      *map(float, day["figures"]), day["policy"], float(day["paid"]), day["status"],
                      float(day["length"]), day["notes"]]
            for at, value in enumerate(values):
                form = formats[kinds[at], band]
                if at == 2:
                    sheet.write_datetime(row, at, value, form)
                elif isinstance(value, float):
                    sheet.write_number(row, at, value, form)
                    own[at] += value
                else:
                    sheet.write_string(row, at, value, form)
            row += 1
        sheet.write_string(row, 0, f"{person['name']} Total", strong)
        for at in range(1, len(HEADINGS)):
            if at in SUMMED:
                formula = f"=SUBTOTAL(9,{cell(first, at)}:{cell(row - 1, at)})"
                sheet.write_formula(row, at, formula, strong, own[at])
                sums[at] += own[at]
            else:
                sheet.write_blank(row, at, None, strong)
        row += 1
    sheet.write_string(row, 0, "All hourly staff Total", strong)
    for at in SUMMED:
        sheet.write_formula(row, at, f"=SUBTOTAL(9,{cell(6, at)}:{cell(row - 1, at)})", strong, sums[at])
    for at, width in enumerate([22, 9, 17, 9, 9, 9, 9, 9, 16, 11, 15, 11, 44]):
        sheet.set_column(at, at, width)
    sheet.conditional_format(6, 3, row, 5, {
        "type": "formula", "criteria": "=AND(D7<>0,ISNUMBER($C7),$D7+$E7+$F7>$L7)", "format": red})
    for word in ("PENDING", "NO SUBMISSION"):
        sheet.conditional_format(6, 10, row, 10, {
            "type": "cell", "criteria": "==", "value": f'"{word}"', "format": yellow})
    sheet.autofilter(5, 0, row - 1, len(HEADINGS) - 1)
    sheet.freeze_panes(6, 0)
    sheet.repeat_rows(5)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&LHill Plain&CPage &P of &N")
    book.close()


def main():
    in_the_environment()
    command = ["cargo", "bench", "--quiet", "-p", "shared", "--bench", "reports", "--", "--rows", ROWS]
    subprocess.run(sys.argv[1:] + ["--rows", ROWS] if sys.argv[1:] else command, cwd=ROOT, check=True)
    data = json.loads(ROWS.read_text())
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        written(data["people"], ROOT / "target" / "payroll-xlsxwriter.xlsx")
        times.append(time.perf_counter() - began)
    theirs, ours = statistics.median(times), data["seconds"]
    print(f"XlsxWriter {VERSION}: {theirs * 1000:.0f} ms, ours: {ours * 1000:.0f} ms, "
          f"ratio {theirs / ours:.1f} (median of {RUNS} each)")


if __name__ == "__main__":
    main()
