DROP TABLE bill_lines, bills;
