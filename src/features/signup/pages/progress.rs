//! Which sign-up a page is about, and what was typed into it so far.

use serde::{Deserialize, Serialize};

use crate::access::Visitor;
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::base::ids::SignUpId;
use crate::base::urls;
use crate::features::signup::{self, Answers, SignUp};
use crate::platform::store::StoreError;
use crate::web::form_token::{self, NotOpened, Subject};
use crate::web::{Reply, see_other};

/// What the pages of a sign-up are about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct InProgress {
    pub(super) sign_up: SignUpId,
}

impl Subject for InProgress {
    const PURPOSE: &'static str = "sign-up";

    fn lifetime(_: &App) -> chrono::Duration {
        crate::features::signup::KEPT
    }
}

impl From<&SignUp> for InProgress {
    fn from(sign_up: &SignUp) -> Self {
        Self { sign_up: sign_up.id.clone() }
    }
}

impl InProgress {
    /// Of a sign-up that nothing is kept of yet: its first page names it, so that who comes back to that page goes on.
    pub(super) fn new(app: &App) -> Self {
        Self { sign_up: app.entropy().id(app.clock().now()).into() }
    }

    /// The one that the first page of a sign-up is about.
    pub(super) fn of_page(visitor: &Visitor) -> Option<Self> {
        match form_token::of_request(visitor.request()) {
            Ok(subject) | Err(NotOpened::Expired(subject)) => Some(subject),
            Err(NotOpened::Missing | NotOpened::NoCookie | NotOpened::Unreadable) => None,
        }
    }
}

/// Why a page is about no sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// Neither form nor address names one.
    Unnamed,
    /// What names it was made in another browser, or was changed on the way.
    Elsewhere,
    /// It is past its time, and what was typed is deleted.
    Expired,
}

impl Lost {
    /// Step 1, which says why.
    pub(super) fn url(self) -> &'static str {
        match self {
            Self::Unnamed | Self::Elsewhere => urls::SIGN_UP_ELSEWHERE,
            Self::Expired => urls::SIGN_UP_EXPIRED,
        }
    }

    /// What the address of step 1 says.
    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "elsewhere" => Some(Self::Elsewhere),
            "expired" => Some(Self::Expired),
            _ => None,
        }
    }

    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Unnamed | Self::Elsewhere => "signup-lost-elsewhere",
            Self::Expired => "signup-lost-expired",
        }
    }
}

/// The sign-up that the page is about, or why there is none; the row decides how long it lasts.
pub(super) async fn found(visitor: &Visitor) -> Result<Result<SignUp, Lost>, Failure> {
    let id = match form_token::of_request::<InProgress>(visitor.request()) {
        Ok(subject) | Err(NotOpened::Expired(subject)) => subject.sign_up,
        Err(NotOpened::NoCookie) => return Err(Failure::NoCookies),
        Err(NotOpened::Missing) => return Ok(Err(Lost::Unnamed)),
        Err(NotOpened::Unreadable) => return Ok(Err(Lost::Elsewhere)),
    };
    Ok(visitor.read(move |tx| signup::find(tx, &id)).await?.ok_or(Lost::Expired))
}

/// The sign-up that the page is about.
pub(super) async fn current(visitor: &Visitor) -> Result<Option<SignUp>, Failure> {
    Ok(found(visitor).await?.ok())
}

/// Back to step 1 with the reason. What was typed into a later step of a sign-up that is past its time becomes a new one.
pub(super) async fn begin_again(visitor: &Visitor, lost: Lost, typed: Option<Answers>) -> Reply {
    let back = see_other(lost.url());
    match typed.filter(|_| lost == Lost::Expired) {
        Some(answers) => Ok(back.about(begin(visitor, InProgress::new(visitor.app()), answers).await?)),
        None => Ok(back),
    }
}

/// Begins the sign-up of a page. One of that name that was begun before, and is over, gives way to another.
pub(super) async fn begin(visitor: &Visitor, of: InProgress, answers: Answers) -> Result<InProgress, Failure> {
    let another = InProgress::new(visitor.app());
    let begun = visitor.write(move |tx| {
        let begun = match signup::begin(tx, &of.sign_up, &answers)? {
            true => of,
            false => {
                signup::begin(tx, &another.sign_up, &answers)?;
                another
            }
        };
        Ok::<_, StoreError>(tx.unrecorded("what was typed so far is not an event", begun))
    });
    Ok(begun.await?)
}

pub(super) async fn keep(visitor: &Visitor, id: SignUpId, answers: Answers) -> Result<(), Failure> {
    let kept = visitor.write(move |tx| {
        signup::keep(tx, &id, &answers)?;
        Ok::<_, StoreError>(tx.unrecorded("what was typed so far is not an event", ()))
    });
    Ok(kept.await?)
}
