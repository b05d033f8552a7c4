//! Roles in a project.

words! {
    /// A role in one project.
    ProjectRole {
        /// Adds, changes and removes members.
        Admin = "project_admin",
        /// Works in it.
        Member = "project_member",
        /// Looks at it.
        Reader = "project_reader",
    }
}

impl ProjectRole {
    /// Message id of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Admin => "role-project-admin",
            Self::Member => "role-project-member",
            Self::Reader => "role-project-reader",
        }
    }
}
