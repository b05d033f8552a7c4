//! Ids: UUIDv7 as text, a type for each thing.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::base::moment::Moment;

/// Declares id types: UUIDv7 as text, made from the clock and entropy of a transaction only.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        #[serde(transparent)]
        pub struct $name(String);
        text_column!($name);

        impl From<$crate::base::entropy::FreshId> for $name {
            fn from(id: $crate::base::entropy::FreshId) -> Self {
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
        impl $crate::base::from_path::FromPath for $name {
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
