DROP TABLE root_secrets;
