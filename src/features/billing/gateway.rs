//! How a bill is paid. One way is built in, bank transfer: the page says where to send the money and under which
//! reference, and the operator, who sees the account, settles the bill. A way that takes payments itself would be a
//! second variant here; what it must not change is that the payer alone marks nothing paid.

use super::{Bill, Money, Number};
use crate::platform::config::{BankAccount, Config};

/// The way of paying that the configuration names.
#[derive(Clone, Debug)]
pub enum Gateway {
    /// To this account; without one people have to ask the operator.
    BankTransfer(Option<BankAccount>),
}

/// What a payer needs for a transfer.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Where to.
    pub account: Option<BankAccount>,
    /// How much.
    pub amount: Money,
    /// What to write into it.
    pub reference: Number,
}

impl Gateway {
    /// The gateway of an installation.
    pub fn of(config: &Config) -> Self {
        Self::BankTransfer(config.account.clone())
    }

    /// What the payer of a bill is told.
    pub fn transfer(self, bill: &Bill) -> Transfer {
        let Self::BankTransfer(account) = self;
        Transfer { account, amount: bill.total(), reference: bill.number.clone() }
    }
}
