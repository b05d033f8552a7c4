//! Which sign-up a page is about, and what was typed into it so far.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::Visitor;
use crate::failure::Failure;
use crate::signup::Answers;
use crate::signup::store::{self, SignUp};
use crate::store::StoreError;
use crate::store::types::SignUpId;
use crate::web::form_token::{self, NotOpened, Subject};

/// What the pages of a sign-up are about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct InProgress {
    pub(super) sign_up: SignUpId,
}

impl Subject for InProgress {
    const PURPOSE: &'static str = "sign-up";

    fn lifetime(_: &App) -> chrono::Duration {
        crate::signup::KEPT
    }
}

impl From<&SignUp> for InProgress {
    fn from(sign_up: &SignUp) -> Self {
        Self { sign_up: sign_up.id.clone() }
    }
}

/// The sign-up that the page is about; the row decides how long it lasts.
pub(super) async fn current(visitor: &Visitor) -> Result<Option<SignUp>, Failure> {
    let id = match form_token::of_request::<InProgress>(visitor.request()) {
        Ok(subject) | Err(NotOpened::Expired(subject)) => subject.sign_up,
        Err(NotOpened::NoCookie) => return Err(Failure::NoCookies),
        Err(NotOpened::Missing | NotOpened::Unreadable) => return Ok(None),
    };
    Ok(visitor.read(move |tx| store::find(tx, &id)).await?)
}

pub(super) async fn begin(visitor: &Visitor, answers: Answers) -> Result<InProgress, Failure> {
    let begun = visitor.write(move |tx| {
        let id = store::begin(tx, &answers)?;
        Ok::<_, StoreError>(tx.unrecorded("what was typed so far is not an event", id))
    });
    Ok(InProgress { sign_up: begun.await? })
}

pub(super) async fn keep(visitor: &Visitor, id: SignUpId, answers: Answers) -> Result<(), Failure> {
    let kept = visitor.write(move |tx| {
        store::keep(tx, &id, &answers)?;
        Ok::<_, StoreError>(tx.unrecorded("what was typed so far is not an event", ()))
    });
    Ok(kept.await?)
}
