//! Mail is a row, written in the transaction of the change it tells of; a loop delivers it (product.md section 13).
//!
//! What a mail says may hold a bearer secret (a link), so the row keeps it sealed and drops it once delivered.

mod delivery;
mod letter;
mod mailbox;
pub mod outbox;
mod transport;

use serde::{Deserialize, Serialize};

pub use delivery::{Delivered, deliver_due, run};
pub use letter::{Letter, write};
pub use mailbox::{Captured, Mailbox};
pub use transport::{Envelope, Refusal, Transport};

use crate::entropy::Token;
use crate::store::types::Moment;

words! {
    /// Where a mail stands.
    State {
        /// Waits for delivery.
        Queued = "queued",
        /// The mail server took it.
        Sent = "sent",
        /// The mail server refused it for good.
        Failed = "failed",
    }
}

/// What a mail tells. Everything a letter needs, so that delivery asks no other table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// "Invitation and password registration".
    Invitation {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// The link's secret.
        token: Token,
        /// Until when the link works.
        until: Moment,
    },
    /// A link to set a new password.
    PasswordReset {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// The link's secret.
        token: Token,
        /// Until when the link works.
        until: Moment,
    },
    /// The password was changed.
    PasswordChanged {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// When.
        at: Moment,
        /// From which address.
        address: String,
    },
    /// A login from a browser that had not been seen.
    NewDevice {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// When.
        at: Moment,
        /// From which address.
        address: String,
        /// The browser's own words.
        agent: String,
    },
    /// The account is locked after wrong passwords.
    Locked {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// Until when.
        until: Moment,
        /// From which address the last try came.
        address: String,
    },
    /// Another user became Org Owner: to both.
    OwnershipTransferred {
        /// The reader's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// The new owner, by name and address.
        to: String,
        /// The owner before.
        from: String,
        /// When.
        at: Moment,
    },
    /// The organizations an address is registered in.
    MyOrganizations {
        /// Their names.
        organizations: Vec<String>,
    },
    /// The operator's trial mail.
    Test {
        /// When.
        at: Moment,
    },
}

impl Message {
    /// The stable word of the kind, as the table holds it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::NewDevice { .. } => "new_device",
            Self::Locked { .. } => "locked",
            Self::OwnershipTransferred { .. } => "ownership_transferred",
            Self::MyOrganizations { .. } => "my_organizations",
            Self::Test { .. } => "test",
        }
    }
}
