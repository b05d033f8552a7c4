//! Mail and SMS are rows of one outbox, written in the transaction of the change they tell of; loops deliver them
//! (product.md section 13).
//!
//! What is said may hold a bearer secret (a link, a code), so the row keeps it sealed and drops it once delivered.

pub mod addressee;
mod deliveries;
mod delivery;
mod gateway;
mod letter;
mod mailbox;
mod message;
pub mod outbox;
mod policy;
mod refusal;
mod sms;
mod smtp;
pub mod store;
mod transport;
mod wire;

pub use deliveries::Deliveries;
pub use delivery::{Delivered, deliver_due, run};
pub use gateway::Gateway;
pub use letter::{Letter, write};
pub use mailbox::{Captured, Mailbox};
pub use message::{Content, DeletionNews, IdpNews, Message};
pub use policy::Policy;
pub use refusal::{Becomes, Enhanced, Refusal, Stage, becomes};
pub use sms::ShortMessage;
pub use smtp::MailServer;
pub use transport::{Envelope, Transport};

words! {
    /// How a message reaches its recipient.
    Channel {
        /// By e-mail.
        Mail = "mail",
        /// By short message.
        Sms = "sms",
    }
}

words! {
    /// Where a message stands.
    State {
        /// Waits for delivery.
        Queued = "queued",
        /// The mail server or gateway took it.
        Sent = "sent",
        /// It was not sent, and is not tried again by itself.
        Failed = "failed",
    }
}

words! {
    /// Why a message was not sent.
    Ending {
        /// The mail server or gateway refused it for good.
        Refused = "refused",
        /// It was tried for days.
        GivenUp = "given_up",
        /// Its code or link was past its time.
        Expired = "expired",
        /// Its code or link was used, or a newer one took its place.
        Replaced = "replaced",
        /// What it says no longer held: an administrator took it back.
        TakenBack = "taken_back",
        /// The key that it was sealed with is gone.
        Unreadable = "unreadable",
    }
}

impl Ending {
    /// Whether it can be sent again as it is.
    pub fn can_be_retried(self) -> bool {
        matches!(self, Self::Refused | Self::GivenUp)
    }
}
