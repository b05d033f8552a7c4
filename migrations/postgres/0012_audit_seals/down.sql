DROP TABLE audit_sealing;
DROP TABLE audit_seals;
