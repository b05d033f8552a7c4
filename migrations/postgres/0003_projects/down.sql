DROP TABLE resources, project_members, projects;
