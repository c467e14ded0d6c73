#!/usr/bin/env python3
"""Reads workbooks back with openpyxl, as other people's programs would.

    tests/read-workbooks.py [FILE.xlsx | FILE.zip | FOLDER ...]

Without arguments it reads the golden ones; of a folder all that are in it, also in its zips. Held for every sheet: formulas carry the value that they have (sums are
added up anew), dates are dates, a text stays a text whatever it begins with, and it prints as it should.
Needs openpyxl (`pip install openpyxl`).
"""

import datetime
import io
import re
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl

SUM = re.compile(r"^=(SUM\(|SUBTOTAL\(9,)([A-Z]+\d+:[A-Z]+\d+)\)$")


def exact(value):
    return Decimal(repr(value)) if isinstance(value, (int, float)) else Decimal(0)


def added_up(formulas, values, skip_subtotals, cells):
    total = Decimal(0)
    for row in formulas[cells]:
        for cell in row:
            is_subtotal = isinstance(cell.value, str) and cell.value.startswith("=SUBTOTAL")
            if not (skip_subtotals and is_subtotal):
                total += exact(values[cell.coordinate].value)
    return total


def faults_of_cells(formulas, values):
    for row in formulas.iter_rows():
        for cell in row:
            value = values[cell.coordinate].value
            if cell.data_type == "f":
                if value is None:
                    yield f"{cell.coordinate}: {cell.value} has no cached value"
                found = SUM.match(cell.value)
                if found:
                    sum_ = added_up(formulas, values, found[1] != "SUM(", found[2])
                    if sum_ != exact(value):
                        yield f"{cell.coordinate}: {cell.value} is {sum_}, not {value}"
            elif isinstance(value, str) and value[:1] in "=+-@" and len(value) > 1:
                if not cell.quotePrefix:
                    yield f"{cell.coordinate}: {value!r} becomes a formula when it is edited"
            elif "mmm" in cell.number_format and value is not None:
                if not isinstance(value, datetime.datetime):
                    yield f"{cell.coordinate}: {value!r} is no date"


def faults_of_page(sheet):
    if not sheet.sheet_properties.pageSetUpPr.fitToPage or sheet.page_setup.fitToWidth not in (None, 1):
        yield "is not one page wide"
    if not sheet.print_title_rows:
        yield "repeats no rows"
    if not sheet.freeze_panes:
        yield "has nothing frozen"
    if not sheet.print_options.horizontalCentered:
        yield "is not centred"
    if sheet.page_setup.paperSize != 1:
        yield "is not for US Letter"
    if "&P of &N" not in f"Page {sheet.oddFooter.center.text}".replace("&[Page]", "&P").replace("&[Pages]", "&N"):
        yield f"does not number its pages: {sheet.oddFooter.center.text!r}"


def workbooks(path):
    """Names and bytes."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix in (".xlsx", ".zip"):
                yield from workbooks(file)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".xlsx"):
                    yield f"{path.name}/{name}", archive.read(name)
    else:
        yield path.name, path.read_bytes()


def main():
    paths = [Path(name) for name in sys.argv[1:]] or [Path(__file__).parent / "golden"]
    read = faults = 0
    for path in paths:
        before = read
        for name, workbook in workbooks(path):
            read += 1
            formulas = openpyxl.load_workbook(io.BytesIO(workbook))
            values = openpyxl.load_workbook(io.BytesIO(workbook), data_only=True)
            for sheet in formulas:
                for fault in (*faults_of_cells(sheet, values[sheet.title]), *faults_of_page(sheet)):
                    print(f"{name}, {sheet.title}: {fault}")
                    faults += 1
        if read == before:
            print(f"{path}: no workbook")
            faults += 1
    print(f"{read} workbooks read, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
