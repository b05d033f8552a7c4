//! What is done to a user by a press of a button. Each leads back to where it was pressed; what cannot be done to this
//! user any more is said there.

use crate::access::{Actor, ManageUsers};
use crate::base::i18n::{Text, absolute};
use crate::base::ids::{SessionId, UserId};
use crate::base::urls;
use crate::base::user::Status;
use crate::features::administration as rules;
use crate::features::administration::ChangeError;
use crate::features::links::Later;
use crate::platform::store::{Recorded, Tx};
use crate::web::{Path, Reply, see_other};

/// `GET` of a change: it is made on the user's page.
pub async fn to_account(_: Actor<ManageUsers>, user: Path<UserId>) -> Reply {
    Ok(see_other(urls::user(&user.0)))
}

/// `GET` of ending sessions: it is done on the Sessions tab.
pub async fn sessions_page(_: Actor<ManageUsers>, user: Path<UserId>) -> Reply {
    Ok(see_other(urls::of_user(&user.0, "sessions")))
}

/// `GET` of ending one session.
pub async fn session_page(_: Actor<ManageUsers>, path: Path<(UserId, SessionId)>) -> Reply {
    Ok(see_other(urls::of_user(&path.0.0, "sessions")))
}

/// Makes a change and leads to `back` with what was done, or with why it was not.
async fn change<T: Send + 'static>(
    actor: &Actor<ManageUsers>,
    back: String,
    work: impl FnOnce(&mut Tx<'_, ManageUsers>) -> Result<Recorded<T>, ChangeError> + Send + 'static,
    done: impl FnOnce(T) -> Text,
) -> Reply {
    match actor.write(work).await {
        Ok(value) => Ok(see_other(back).notice(done(value))),
        Err(error) => Ok(see_other(back).refusal(super::told(error)?)),
    }
}

/// `POST /iam/users/{user}/invitation`.
pub async fn invite(actor: Actor<ManageUsers>, user: Path<UserId>) -> Reply {
    let (config, back) = (actor.app().config.clone(), urls::user(&user.0));
    let zone = actor.identity().zone();
    let language = actor.language();
    let done = |later: Option<Later>| match later {
        Some(later) => Text::new("user-invited-later").with("when", absolute(later.due, zone, language)),
        None => Text::new("user-invited"),
    };
    change(&actor, back, move |tx| rules::invite_again(tx, &user.0, &config), done).await
}

/// `POST /iam/users/{user}/invitation/revocation`.
pub async fn revoke(actor: Actor<ManageUsers>, user: Path<UserId>) -> Reply {
    let back = urls::user(&user.0);
    change(&actor, back, move |tx| rules::revoke_invitation(tx, &user.0), |()| Text::new("user-revoked")).await
}

/// `POST /iam/users/{user}/unlock`.
pub async fn unlock(actor: Actor<ManageUsers>, user: Path<UserId>) -> Reply {
    let back = urls::user(&user.0);
    change(&actor, back, move |tx| rules::unlock(tx, &user.0), |()| Text::new("user-unlocked")).await
}

/// `POST /iam/users/{user}/deactivation`.
pub async fn deactivate(actor: Actor<ManageUsers>, user: Path<UserId>) -> Reply {
    let back = urls::user(&user.0);
    change(&actor, back, move |tx| rules::deactivate(tx, &user.0), |()| Text::new("user-deactivated")).await
}

/// `POST /iam/users/{user}/reactivation`.
pub async fn reactivate(actor: Actor<ManageUsers>, user: Path<UserId>) -> Reply {
    let done = |status| match status {
        Status::Invited => Text::new("user-reactivated-invited"),
        Status::Active | Status::Deactivated => Text::new("user-reactivated"),
    };
    change(&actor, urls::user(&user.0), move |tx| rules::reactivate(tx, &user.0), done).await
}

/// `POST /iam/users/{user}/sessions/logout`.
pub async fn end_sessions(actor: Actor<ManageUsers>, user: Path<UserId>) -> Reply {
    let back = urls::of_user(&user.0, "sessions");
    let done = |ended| Text::new("user-sessions-ended").with("n", ended);
    change(&actor, back, move |tx| rules::end_sessions(tx, &user.0), done).await
}

/// `POST /iam/users/{user}/sessions/{session}/logout`.
pub async fn end_session(actor: Actor<ManageUsers>, path: Path<(UserId, SessionId)>) -> Reply {
    let (user, session) = path.0;
    let back = urls::of_user(&user, "sessions");
    let done = |()| Text::new("account-session-ended");
    change(&actor, back, move |tx| rules::end_session(tx, &user, &session), done).await
}
