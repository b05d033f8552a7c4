//! What mails and SMS tell.

use serde::{Deserialize, Serialize};

use super::{Channel, Policy, ShortMessage};
use crate::base::entropy::{Code, Token};
use crate::base::moment::Moment;

words! {
    /// What became of the login through an organization's identity provider.
    IdpNews {
        /// A trial was started: to the owner.
        Trial = "trial",
        /// It ran out: to the owner.
        Reverted = "reverted",
        /// Everybody logs in through it: to owner and administrators.
        InForce = "in_force",
        /// The client secret stops working soon: to owner and administrators.
        SecretExpires = "secret_expires",
        /// The provider refused the client secret: to owner and administrators.
        SecretRefused = "secret_refused",
        /// A recovery code was used: to the owner.
        CodeUsed = "code_used",
        /// The operator brought cloud accounts back: to owner and administrators.
        Recovered = "recovered",
        /// Somebody was registered and needs no password: to them.
        Registered = "registered",
    }
}

words! {
    /// What became of the deletion of an organization.
    DeletionNews {
        /// It was requested.
        Requested = "requested",
        /// The request was taken back.
        Withdrawn = "withdrawn",
        /// The erasure is a day away.
        Reminder = "reminder",
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
        /// Whether login is by the organization's identity provider, so that a new password lifts nothing.
        #[serde(default)]
        by_provider: bool,
    },
    /// No code is looked at any more today, after wrong ones from browsers that were not known.
    CodesPaused {
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
    /// An administrator took the mobile number and the authenticator app away.
    FactorReset {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// When.
        at: Moment,
    },
    /// The code of a login's second factor.
    LoginCode {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// The code.
        code: Code,
        /// Until when it works.
        until: Moment,
        /// From which address the login comes.
        address: String,
    },
    /// The code with which the owner shows that mail arrives.
    TwoFactorCode {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// The code.
        code: Code,
        /// Until when it works.
        until: Moment,
    },
    /// A policy of the organization was changed: to its owner and administrators.
    PolicyChanged {
        /// The reader's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// What holds now.
        policy: Policy,
        /// How many days or addresses it names.
        #[serde(default)]
        count: Option<i64>,
        /// Who changed it, by name and address; nobody where the operator did.
        by: Option<String>,
        /// When.
        at: Moment,
    },
    /// The password expires soon.
    PasswordExpires {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// When.
        at: Moment,
    },
    /// A code with which somebody shows who they are, where there is no password.
    ConfirmationCode {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// The code.
        code: Code,
        /// Until when it works.
        until: Moment,
        /// From which address it was asked for.
        address: String,
    },
    /// Something about the login through the organization's identity provider.
    Idp {
        /// The reader's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// What.
        news: IdpNews,
        /// When it was, or until when.
        at: Moment,
    },
    /// Something about the deletion of the organization: to the owner.
    Deletion {
        /// The owner's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// What.
        news: DeletionNews,
        /// The date of erasure, or when the request was taken back.
        at: Moment,
    },
    /// The closing statement of an organization that was erased: to who owned it.
    Erased {
        /// The owner's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// When the deletion was requested.
        requested: Moment,
        /// When it was erased.
        at: Moment,
        /// Until when nobody can have the name.
        held_until: Moment,
        /// Users that were erased.
        users: i64,
        /// Projects.
        projects: i64,
        /// Bills.
        bills: i64,
        /// Events of the audit log.
        events: i64,
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

/// What an outbox row tells, by its channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// A letter.
    Letter(Message),
    /// A short message.
    Short(ShortMessage),
}

impl Content {
    /// The stable word of the kind, as the table holds it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Letter(message) => message.kind(),
            Self::Short(message) => message.kind(),
        }
    }

    /// Until when what it tells can be used.
    pub fn until(&self) -> Option<Moment> {
        match self {
            Self::Letter(message) => message.until(),
            Self::Short(message) => Some(message.until()),
        }
    }

    /// Whether it carries a code that was issued for it.
    pub fn has_code(&self) -> bool {
        match self {
            Self::Letter(message) => matches!(
                message,
                Message::LoginCode { .. } | Message::TwoFactorCode { .. } | Message::ConfirmationCode { .. }
            ),
            Self::Short(_) => true,
        }
    }

    /// How it is delivered.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Letter(_) => Channel::Mail,
            Self::Short(_) => Channel::Sms,
        }
    }
}

impl Message {
    /// Until when what it tells can be used; `None` where it only tells what happened.
    pub fn until(&self) -> Option<Moment> {
        match self {
            Self::Invitation { until, .. }
            | Self::PasswordReset { until, .. }
            | Self::LoginCode { until, .. }
            | Self::TwoFactorCode { until, .. }
            | Self::ConfirmationCode { until, .. } => Some(*until),
            // Asks for a login before then.
            Self::Idp { news: IdpNews::Trial, at, .. } => Some(*at),
            _ => None,
        }
    }

    /// The secret of the link that it carries.
    pub fn link(&self) -> Option<&Token> {
        match self {
            Self::Invitation { token, .. } | Self::PasswordReset { token, .. } => Some(token),
            _ => None,
        }
    }

    /// The stable word of the kind, as the table holds it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::NewDevice { .. } => "new_device",
            Self::Locked { .. } => "locked",
            Self::CodesPaused { .. } => "codes_paused",
            Self::OwnershipTransferred { .. } => "ownership_transferred",
            Self::FactorReset { .. } => "factor_reset",
            Self::LoginCode { .. } => "login_code",
            Self::TwoFactorCode { .. } => "two_factor_code",
            Self::PolicyChanged { .. } => "policy_changed",
            Self::PasswordExpires { .. } => "password_expires",
            Self::ConfirmationCode { .. } => "confirmation_code",
            Self::Idp { news, .. } => match news {
                IdpNews::Trial => "idp_trial",
                IdpNews::Reverted => "idp_reverted",
                IdpNews::InForce => "idp_in_force",
                IdpNews::SecretExpires => "idp_secret_expires",
                IdpNews::SecretRefused => "idp_secret_refused",
                IdpNews::CodeUsed => "idp_code_used",
                IdpNews::Recovered => "idp_recovered",
                // The invitation of an organization whose people have no passwords: lists of invitations show it.
                IdpNews::Registered => "invitation",
            },
            Self::Deletion { news, .. } => match news {
                DeletionNews::Requested => "deletion_requested",
                DeletionNews::Withdrawn => "deletion_withdrawn",
                DeletionNews::Reminder => "deletion_reminder",
            },
            Self::Erased { .. } => "deletion_done",
            Self::MyOrganizations { .. } => "my_organizations",
            Self::Test { .. } => "test",
        }
    }
}
