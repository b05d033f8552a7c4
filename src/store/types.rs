//! Column types that both engines store the same way: moments, ids, digests, and enums kept as words.

use std::fmt;

use chrono::{DateTime, Duration, NaiveDateTime, SubsecRound, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Binary, Text, Timestamp};
use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::problem::Problem;
use crate::text;
use crate::web::FromPath;

/// A moment in UTC, cut to microseconds: the finest that both engines keep.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = Timestamp)]
pub struct Moment(NaiveDateTime);

impl Moment {
    /// 1970 began.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH.naive_utc());

    /// Cuts `at` to what the database keeps.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(at.naive_utc().trunc_subsecs(6))
    }

    /// The same moment for formatting in a time zone.
    pub fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// Milliseconds since 1970, the unit of scripts and UUIDs.
    pub fn millis(self) -> i64 {
        self.utc().timestamp_millis()
    }

    /// Microseconds since 1970: all that is kept of a moment, in one number.
    pub fn micros(self) -> i64 {
        self.utc().timestamp_micros()
    }

    /// The moment of such a number, unless it is beyond what databases keep.
    pub fn from_micros(micros: u64) -> Option<Self> {
        DateTime::from_timestamp_micros(i64::try_from(micros).ok()?).map(Self::new)
    }

    /// Time that has passed since `earlier`; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0 + span)
    }
}

impl std::ops::Sub<Duration> for Moment {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0 - span)
    }
}

/// RFC 3339 in UTC (ASVS 16.2.2).
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What RFC 3339 asks for but the zone, without a pattern that is read anew each time.
        write!(f, "{:?}Z", self.0)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Moment
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(raw).map(Self)
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for Moment
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// SHA-256 of a secret, or of a key that must not be readable in the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub struct Digest(Vec<u8>);

impl Digest {
    /// Hashes `parts` unambiguously: each is preceded by its length.
    pub fn of(parts: &[&[u8]]) -> Self {
        use sha2::Digest as _;
        let mut hash = sha2::Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().to_vec())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<DB: Backend> FromSql<Binary, DB> for Digest
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Vec::from_sql(raw).map(Self)
    }
}

impl<DB: Backend> ToSql<Binary, DB> for Digest
where
    Vec<u8>: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// Implements reading and writing as TEXT for a newtype over `String`.
#[macro_export]
macro_rules! text_column {
    ($name:ident) => {
        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                String::from_sql(raw).map(Self)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $name {
            /// The text as it is stored.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

/// Declares id types: UUIDv7 as text, made from the clock and entropy of a transaction only.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        #[serde(transparent)]
        pub struct $name(String);
        text_column!($name);

        impl From<$crate::entropy::FreshId> for $name {
            fn from(id: $crate::entropy::FreshId) -> Self {
                Self(id.0)
            }
        }
    )* };
}

ids! {
    /// An organization. Cannot be parsed or read from a path: it comes from the caller.
    OrganizationId;
    /// A user of one organization.
    UserId;
    /// The public handle of a session in lists; never the secret in the cookie.
    SessionId;
    /// A sign-up in progress; also the submission id of the organization that comes of it.
    SignUpId;
    /// A mailed link (not its secret).
    LinkId;
    /// A form kept while its sender confirms who they are.
    HeldFormId;
    /// A mail in the outbox; also the left part of its Message-ID.
    MailId;
    /// A row of the audit log.
    EventId;
    /// A row of past passwords.
    PastPasswordId;
    /// A code that was sent (not the code itself).
    CodeId;
    /// An authenticator app, set up or being set up.
    AuthenticatorId;
    /// A login whose second factor is still to come (not its secret).
    LoginId;
    /// Users that were registered at once.
    RegistrationId;
    /// A form that creates something: random, not secret, unique in its table.
    SubmissionId;
    /// The settings of an identity provider.
    IdentityProviderId;
    /// What a recovery code opened (not its secret).
    RepairId;
    /// A bill (not its number, which people write into transfers).
    BillId;
}

/// An id that came from outside (a path or a hidden field) may be compared with stored ones, nothing else.
macro_rules! ids_from_outside {
    ($($name:ident)*) => { $(
        impl $crate::web::FromPath for $name {
            fn from_path(text: &str) -> Option<Self> {
                let shape = text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
                shape.then(|| Self(text.to_owned()))
            }
        }
    )* };
}
ids_from_outside! { UserId SessionId HeldFormId RegistrationId SubmissionId BillId EventId }

impl EventId {
    /// What no id of an earlier moment reaches and every id from `at` on does: ids begin with their milliseconds, so a
    /// span of time is a range of ids.
    pub fn beginning(at: Moment) -> Self {
        let millis = at.millis().clamp(0, (1 << 48) - 1);
        Self(format!("{:08x}-{:04x}", millis >> 16, millis & 0xffff))
    }

    /// The moment that it begins with, to the millisecond; the beginning of time for what is no such id.
    pub fn moment(&self) -> Moment {
        let digits: String = self.0.chars().filter(|c| *c != '-').take(12).collect();
        let micros = u64::from_str_radix(&digits, 16).unwrap_or_default().saturating_mul(1000);
        Moment::from_micros(micros).unwrap_or(Moment::EPOCH)
    }
}

/// A project, by the name that people give it and that never changes: 3 to 30 of a-z, 0-9 and single inner hyphens
/// (product.md section 10). It is unique in its organization alone, so it means something only together with that.
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
            None => Err(crate::problem::about(Problem::NotAProjectId, &text::typed::plain(typed))),
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

/// Declares an enum that is stored as a word and checked by the table (`CHECK`).
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that is stored, sent in forms and used in message ids.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The value of a word; `None` for anything else.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = String::from_sql(raw)?;
                Self::from_word(&word).ok_or_else(|| format!("unknown {}: {word}", stringify!($name)).into())
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.word().to_sql(out)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

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
    fn asvs_16_2_2_a_moment_is_written_as_rfc_3339_has_it() {
        for text in ["2026-11-22T09:00:59Z", "2026-11-22T09:00:00.250Z", "0999-01-02T23:59:59.000001Z"] {
            assert_eq!(Moment::new(text.parse().unwrap()).to_string(), text);
        }
    }

    #[test]
    fn what_nobody_chose_can_be_typed() {
        let made = ProjectId::generated(&SystemEntropy);
        assert_eq!(ProjectId::parse(made.as_str()), Ok(made));
    }
}
