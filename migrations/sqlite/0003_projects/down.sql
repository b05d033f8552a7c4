DROP TABLE resources;
DROP TABLE project_members;
DROP TABLE projects;
