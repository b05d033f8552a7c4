DROP TABLE audit_keys;
DROP TABLE audit_rows;
