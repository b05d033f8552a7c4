DROP TABLE bill_lines;
DROP TABLE bills;
