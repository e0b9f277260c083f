"""The figures for those who calculate on: one row a number, as text divided by commas or as a workbook."""
