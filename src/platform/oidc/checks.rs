//! What the integration test shows: every check as passed, failed or not reached.

pub use super::check::Check;

use super::refusal::Refused;
use crate::base::i18n::Text;

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed; nothing after it was looked at.
    Failed(Refused),
    /// Another failed before.
    NotReached,
}

impl Outcome {
    /// What it is called.
    pub fn label(&self) -> Text {
        Text::new(match self {
            Self::Passed => "oidc-check-passed",
            Self::Failed(_) => "oidc-check-failed",
            Self::NotReached => "oidc-check-not-reached",
        })
    }
}

/// Every check with what became of it, from how the login ended.
pub fn checks(ended: Result<(), &Refused>) -> Vec<(Check, Outcome)> {
    let outcome = |check: Check| match ended {
        Err(refused) if check > refused.reason.check() => Outcome::NotReached,
        Err(refused) if check == refused.reason.check() => Outcome::Failed(refused.clone()),
        _ => Outcome::Passed,
    };
    Check::ALL.iter().map(|check| (*check, outcome(*check))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::oidc::Reason;

    fn outcomes(ended: Result<(), &Refused>) -> String {
        let letter = |outcome: &Outcome| match outcome {
            Outcome::Passed => '+',
            Outcome::Failed(_) => '!',
            Outcome::NotReached => '.',
        };
        checks(ended).iter().map(|(_, outcome)| letter(outcome)).collect()
    }

    #[test]
    fn what_comes_after_a_failure_was_not_reached() {
        assert_eq!(outcomes(Ok(())), "+++++++++");
        for (reason, seen) in [
            (Reason::ManyTenants, "!........"),
            (Reason::InvalidClient, "+!......."),
            (Reason::Issuer, "++!......"),
            (Reason::Audience, "+++!....."),
            (Reason::Signature, "++++!...."),
            (Reason::Expired, "+++++!..."),
            (Reason::Nonce, "++++++!.."),
            (Reason::AuthTime, "+++++++!."),
            (Reason::Address, "++++++++!"),
        ] {
            assert_eq!(outcomes(Err(&reason.into())), seen, "{reason:?}");
        }
        let failed = checks(Err(&Reason::Nonce.into())).into_iter().find(|(check, _)| *check == Check::Nonce);
        assert_eq!(failed.map(|(_, outcome)| outcome), Some(Outcome::Failed(Reason::Nonce.into())));
    }
}
