//! What both forms of a registration share.

use data_encoding::HEXLOWER;

use crate::access::{Actor, ManageUsers};
use crate::base::digest::Digest;
use crate::base::from_path::FromPath;
use crate::base::i18n::{Text, absolute};
use crate::base::ids::SubmissionId;
use crate::base::urls;
use crate::features::links::Limit;
use crate::features::registration::{NewPerson, Registered};
use crate::web::{Answer, see_other};

/// A submission id for a new form.
pub(super) fn fresh_submission(actor: &Actor<ManageUsers>) -> String {
    let now = actor.app().clock().now();
    SubmissionId::from(actor.app().entropy().id(now)).to_string()
}

/// The submission id that a form carries; one that cannot be one counts as new.
pub(super) fn submission(actor: &Actor<ManageUsers>, typed: &str) -> SubmissionId {
    SubmissionId::from_path(typed).unwrap_or_else(|| actor.app().entropy().id(actor.app().clock().now()).into())
}

/// The submission of these people by a form. A form that is sent twice registers once; one to which Back leads, and in which
/// others are named then, registers those, and they once.
pub(super) fn of_people(form: &SubmissionId, people: &[(u32, NewPerson)]) -> SubmissionId {
    let content = Digest::of(&[form.as_str().as_bytes(), format!("{people:?}").as_bytes()]);
    let end = HEXLOWER.encode(&content.as_bytes()[..6]);
    let begin = form.as_str().get(..24).unwrap_or_default();
    SubmissionId::from_path(&format!("{begin}{end}")).unwrap_or_else(|| form.clone())
}

/// What to say of invitations that wait for a limit of today: the message ids for one user and for a list, and how to
/// fill them in.
pub(super) fn waiting(
    actor: &Actor<ManageUsers>,
    registered: &Registered,
) -> Option<([&'static str; 2], impl FnOnce(&'static str) -> Text)> {
    let (limit, later, due) = registered.waiting()?;
    let limits = &actor.app().config.limits;
    let (ids, most) = match limit {
        Some(Limit::Address) => {
            (["users-registered-one-later", "users-registered-many-later"], limits.invitation_mails)
        }
        Some(Limit::Organization) => {
            (["users-registered-one-full", "users-registered-many-full"], limits.organization_invitations)
        }
        None => (["users-registered-one-waiting", "users-registered-many-mixed"], limits.organization_invitations),
    };
    let zone = actor.identity().zone();
    let when = absolute(due, zone, actor.language());
    Some((ids, move |id| Text::new(id).with("later", later).with("most", most).with("when", when)))
}

/// Leads to where the deletion of the organization stands: until then no user is registered.
pub(super) fn closing() -> Answer {
    see_other(urls::ORGANIZATION_ACCOUNT).refusal(Text::new("deletion-nothing-new"))
}
