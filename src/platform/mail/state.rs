//! The channels of messages, and where a message stands.

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
