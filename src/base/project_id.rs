//! Project IDs.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::base::entropy::Entropy;
use crate::base::from_path::FromPath;
use crate::base::problem::{Problem, about};
use crate::base::text;

/// A project, by the name that people give it and that never changes: 3 to 30 of a-z, 0-9 and single inner hyphens
/// (docs/rules.md section 10). It is unique in its organization alone, so it means something only together with that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct ProjectId(String);
text_column!(ProjectId);

impl ProjectId {
    /// Parses an id as typed; case is folded. "new" is where new projects are made.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        match text::handle(typed) {
            Some(id) if id == "new" => Err(Problem::ProjectIdUnavailable),
            Some(id) => Ok(Self(id)),
            None => Err(about(Problem::NotAProjectId, &text::typed::plain(typed))),
        }
    }

    /// One that nobody chose.
    pub fn generated(entropy: &dyn Entropy) -> Self {
        Self(format!("project-{}", entropy.reference().to_ascii_lowercase()))
    }
}

impl FromPath for ProjectId {
    fn from_path(segment: &str) -> Option<Self> {
        Self::parse(segment).ok().filter(|id| id.as_str() == segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SystemEntropy;

    #[test]
    fn a_project_id_is_what_an_address_can_hold() {
        assert_eq!(ProjectId::parse(" Web-Shop2 ").as_ref().map(ProjectId::as_str), Ok("web-shop2"));
        for bad in ["", "ab", "a--b", "-ab", "ab-", "web shop", "wéb", "a/b", "..", &"x".repeat(31)] {
            assert!(matches!(ProjectId::parse(bad), Err(Problem::NotAProjectId(_))), "{bad}");
        }
        assert_eq!(ProjectId::parse("NEW"), Err(Problem::ProjectIdUnavailable));
        // Only one address leads to a project.
        assert!(ProjectId::from_path("web-shop2").is_some() && ProjectId::from_path("Web-Shop2").is_none());
    }

    #[test]
    fn what_nobody_chose_can_be_typed() {
        let made = ProjectId::generated(&SystemEntropy);
        assert_eq!(ProjectId::parse(made.as_str()), Ok(made));
    }
}
