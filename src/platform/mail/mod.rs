//! Mail and SMS are rows of one outbox, written in the transaction of the change they tell of; loops deliver them
//! (docs/rules.md section 13).
//!
//! What is said may hold a bearer secret (a link, a code), so the row keeps it sealed and drops it once delivered.

pub mod addressee;
mod deliveries;
mod gateway;
mod letter;
mod mailbox;
mod message;
pub mod outbox;
mod policy;
pub(crate) mod refusal;
mod sms;
mod smtp;
mod state;
pub mod store;
mod transport;
mod wire;

pub use deliveries::Deliveries;
pub use gateway::Gateway;
pub use letter::{Letter, write};
pub use mailbox::{Captured, Mailbox};
pub use message::{Content, DeletionNews, IdpNews, Message};
pub use policy::Policy;
pub use refusal::{Becomes, Enhanced, Refusal, Stage, becomes};
pub use sms::ShortMessage;
pub use smtp::MailServer;
pub use state::{Channel, Ending, State};
pub use transport::{Envelope, Transport};
