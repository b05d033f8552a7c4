//! What projects and resources are called.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::base::problem::Problem;
use crate::base::text;

/// Single lines of text, as long as said: typed by a person, or sent by the operator's systems.
macro_rules! lines {
    ($($(#[$doc:meta])* $name:ident $most:literal by $reader:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        pub struct $name(String);
        crate::text_column!($name);

        impl $name {
            #[doc = concat!("At most ", $most, " characters that can be seen.")]
            pub fn parse(typed: &str) -> Result<Self, Problem> {
                text::$reader(typed, $most).map(Self)
            }
        }
    )* };
}

lines! {
    /// The name of a project that is shown; the Project ID stays what it is when this changes.
    ProjectName 60 by line;
    /// The id that the operator's systems know a resource by, unique in its organization.
    ExternalId 100 by sent_line;
    /// What kind of thing a resource is, in the operator's words.
    ResourceKind 40 by sent_line;
    /// What a resource is called.
    ResourceName 100 by sent_line;
}

/// What a project is for; may be empty.
#[derive(Clone, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Description(String);
crate::text_column!(Description);

impl Description {
    /// At most 200 characters that can be seen.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        match text::line(typed, 200) {
            Err(Problem::Missing) => Ok(Self(String::new())),
            parsed => parsed.map(Self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_a_name_and_may_have_a_description() {
        assert_eq!(ProjectName::parse("  "), Err(Problem::Missing));
        assert_eq!(ProjectName::parse(&"이".repeat(61)), Err(Problem::TooLong(60)));
        assert_eq!(ProjectName::parse("웹 상점").as_ref().map(ProjectName::as_str), Ok("웹 상점"));
        assert_eq!(ProjectName::parse("We\u{200b}b").as_ref().map(ProjectName::as_str), Ok("Web"));
        assert_eq!(ExternalId::parse("vm\u{200b}-1"), Err(Problem::Unprintable));
        assert_eq!(Description::parse(" ").as_ref().map(Description::as_str), Ok(""));
        assert_eq!(Description::parse("two\nlines"), Err(Problem::Unprintable));
        assert_eq!(Description::parse(&"x".repeat(201)), Err(Problem::TooLong(200)));
    }
}
