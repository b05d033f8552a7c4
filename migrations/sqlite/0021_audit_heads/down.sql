DROP TABLE instances;
DROP TABLE audit_progress;
DROP TABLE audit_heads;
