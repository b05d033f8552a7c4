//! Registering users, one or up to a hundred at once (docs/rules.md section 9): everything is checked before anything is
//! created, everything is created in one transaction, and every invitation is on record with the line it came from.

mod delivery;
pub mod lines;
pub mod pages;
mod store;

pub use delivery::Delivery;
pub use store::{Line, home, lines, taken};

use crate::access::{ManageUsers, Roles};
use crate::base::email::Email;
use crate::base::i18n::Language;
use crate::base::ids::{RegistrationId, SubmissionId, UserId};
use crate::base::moment::Moment;
use crate::base::person::{PersonName, Phone};
use crate::base::user::Status;
use crate::features::links::{self, Limit};
use crate::features::organizations::{self, New};
use crate::features::users::{self, NewUser};
use crate::platform::config::Config;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::addressee::Addressee;
use crate::platform::store::{Recorded, StoreError, Tx};

/// Users registered at once, at most.
pub const MOST: usize = 100;

/// Somebody to register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The ID for logging in.
    pub email: Email,
    /// Name.
    pub name: PersonName,
    /// Nickname.
    pub nickname: Option<PersonName>,
    /// Mobile number, unverified.
    pub mobile: Option<Phone>,
    /// Organization roles.
    pub roles: Roles,
}

/// People to register at once.
#[derive(Clone, Debug)]
pub struct Batch {
    /// A second post of the same form finds it taken.
    pub submission: SubmissionId,
    /// The language of the invitations, and the one the people start with.
    pub language: Language,
    /// The people, each with the line of the list it stands on.
    pub people: Vec<(u32, NewPerson)>,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The addresses on these lines are registered already.
    #[error("addresses are registered already")]
    Taken(Vec<u32>),
    /// The organization's deletion is requested.
    #[error("the organization is being closed")]
    Closing,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for RegisterError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::Closing => Some(Reason::Closing),
            Self::Taken(_) | Self::Store(_) => None,
        }
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The registration.
    pub id: RegistrationId,
    /// When each invitation is sent that waits, as limits of today are reached, and for which limit. What an earlier post of
    /// the same form met is not kept.
    pub later: Vec<(Moment, Option<Limit>)>,
}

impl Registered {
    /// Which limit the invitations wait for, if it is one for all of them, how many they are, and when the last of them is
    /// sent; `None` where none waits.
    pub fn waiting(&self) -> Option<(Option<Limit>, usize, Moment)> {
        let (due, limit) = *self.later.iter().max_by_key(|(due, _)| *due)?;
        let is_one = self.later.iter().all(|(_, other)| *other == limit);
        Some((limit.filter(|_| is_one), self.later.len(), due))
    }
}

/// Registers people and mails their invitations, those past a limit when there is room. A second post of the same form gets
/// the first one's answer.
pub fn register(
    tx: &mut Tx<'_, ManageUsers>,
    batch: &Batch,
    config: &Config,
) -> Result<Recorded<Registered>, RegisterError> {
    if let Some(earlier) = store::of_submission(tx, &batch.submission)? {
        let later = store::waiting(tx, &earlier)?.into_iter().map(|due| (due, None)).collect();
        let earlier = Registered { id: earlier, later };
        return Ok(tx.unrecorded("the same form was sent twice; the first one was recorded", earlier));
    }
    let organization = tx.organization().clone();
    if organizations::is_closed_to(tx, &organization, New::User)? {
        return Err(RegisterError::Closing);
    }
    let home = store::home(tx)?;
    let id = store::insert(tx, &batch.submission)?;
    let (mut taken, mut later) = (Vec::new(), Vec::new());
    for (line, person) in &batch.people {
        let user = new_user(tx, &home, batch.language, person);
        if !users::insert(tx, &user)? {
            taken.push(*line);
            continue;
        }
        let to = addressee(&home, &user);
        let invited = links::invite(tx, &to, config)?;
        later.extend(invited.later.map(|later| (later.due, Some(later.limit))));
        store::insert_line(tx, &id, *line, &user.id, &invited.mail)?;
        let event = Event::done(Kind::UserRegistered)
            .on("user", &user.id, &user.email)
            .with("roles", person.roles.words())
            .with("invited_until", invited.until.to_string());
        let _: Recorded<()> = tx.record(event, ())?;
    }
    // Nobody is registered when somebody cannot be: the error takes everything back.
    if !taken.is_empty() {
        return Err(RegisterError::Taken(taken));
    }
    Ok(tx.unrecorded("each user was recorded", Registered { id, later }))
}

fn new_user(tx: &Tx<'_, ManageUsers>, home: &store::Home, language: Language, person: &NewPerson) -> NewUser {
    let id: UserId = tx.id();
    NewUser {
        listed_as: users::listed_as(person.name.as_str(), person.nickname.as_ref().map(PersonName::as_str), &id),
        id,
        organization_id: tx.organization().clone(),
        email: person.email.clone(),
        name: person.name.clone(),
        nickname: person.nickname.clone(),
        mobile: person.mobile.clone(),
        language,
        time_zone: home.zone().to_owned(),
        time_zone_chosen: false,
        status: Status::Invited,
        org_admin: person.roles.org_admin,
        org_reader: person.roles.org_reader,
        billing_admin: person.roles.billing_admin,
        created_at: tx.now(),
    }
}

fn addressee(home: &store::Home, user: &NewUser) -> Addressee {
    Addressee {
        id: user.id.clone(),
        organization: user.organization_id.clone(),
        organization_name: home.name.clone(),
        email: user.email.clone(),
        name: user.name.to_string(),
        language: user.language,
        time_zone: user.time_zone.clone(),
        status: user.status,
    }
}
