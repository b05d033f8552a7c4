//! What became of an invitation's mail.

use crate::platform::mail::{Ending, State};

/// How the mail of an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Waits for the mail server, for the first time or again.
    Queued,
    /// The mail server took it.
    Sent,
    /// The mail server did not take it.
    Failed,
    /// Its link was past its time before the mail server took it.
    Expired,
    /// A newer one took its place before it was sent.
    Replaced,
    /// It was taken back before it was sent.
    TakenBack,
}

impl Delivery {
    /// Of the state of its mail and what the mail server last said. What failed without a word was taken back; a mail
    /// that is gone has grown old.
    pub fn of(state: Option<State>, ending: Option<Ending>, answer: Option<&str>) -> Self {
        match (state, answer) {
            (Some(State::Queued), _) => Self::Queued,
            (Some(State::Failed), _) if ending == Some(Ending::Expired) => Self::Expired,
            (Some(State::Failed), _) if ending == Some(Ending::Replaced) => Self::Replaced,
            (Some(State::Failed), _) if ending == Some(Ending::TakenBack) => Self::TakenBack,
            (Some(State::Failed), None) if ending.is_some() => Self::Failed,
            (Some(State::Failed), Some(_)) => Self::Failed,
            (Some(State::Failed), None) => Self::TakenBack,
            (Some(State::Sent) | None, _) => Self::Sent,
        }
    }

    /// Message id.
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "delivery-queued",
            Self::Sent => "delivery-sent",
            Self::Failed => "delivery-failed",
            Self::Expired => "delivery-expired",
            Self::Replaced => "delivery-replaced",
            Self::TakenBack => "delivery-taken-back",
        }
    }

    /// Class of its badge.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Queued | Self::TakenBack | Self::Replaced => "",
            Self::Sent => "ok",
            Self::Failed | Self::Expired => "danger",
        }
    }
}
