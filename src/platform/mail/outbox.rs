//! The outbox: messages as rows, claimed with a lease, so that several instances deliver without sending twice and a
//! crash loses nothing. A repeated send carries the same Message-ID.

use chrono::Duration;
use diesel::dsl::{case_when, count_star, exists, max, min};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Becomes, Channel, Content, Ending, Message, Refusal, ShortMessage, Stage, State, store as rows};
use crate::base::email::Email;
use crate::base::i18n::Language;
use crate::base::ids::{MailId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::person::Phone;
use crate::platform::mail::addressee::Addressee;
use crate::platform::store::schema::mails;
use crate::platform::store::{self, StoreError, Work};

/// How long delivery is tried before a mail is given up.
const PATIENCE: Duration = Duration::days(4);

#[derive(Insertable)]
#[diesel(table_name = mails, treat_none_as_default_value = false)]
struct NewMail {
    id: MailId,
    organization_id: Option<OrganizationId>,
    channel: Channel,
    kind: &'static str,
    recipient: String,
    language: Language,
    time_zone: String,
    sealed: Option<Vec<u8>>,
    state: State,
    created_at: Moment,
    due_at: Moment,
    attempts: i32,
    user_id: Option<UserId>,
    works_until: Option<Moment>,
    tried_since: Option<Moment>,
}

/// Writes a mail to a user of an organization.
pub fn post(work: &mut Work<'_>, to: &Addressee, message: &Message) -> Result<MailId, StoreError> {
    let now = work.now();
    post_at(work, to, message, now)
}

/// Writes a mail to a user of an organization that is not sent before `due`: until then nothing waits for the mail server.
pub fn post_at(work: &mut Work<'_>, to: &Addressee, message: &Message, due: Moment) -> Result<MailId, StoreError> {
    let content = Content::Letter(message.clone());
    insert(work, Some(to), to.email.to_string(), to.language, to.time_zone.clone(), &content, due)
}

/// Until when an invitation waits that was written for a user and is not due.
pub fn waits_until(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<Moment>, StoreError> {
    let waiting = mails::table
        .filter(mails::organization_id.eq(organization.clone()))
        .filter(mails::user_id.eq(user.clone()))
        .filter(mails::kind.eq("invitation"))
        .filter(mails::state.eq(State::Queued))
        .filter(mails::attempts.eq(0))
        .filter(mails::due_at.gt(work.now()))
        .select(max(mails::due_at));
    Ok(waiting.first(work.conn())?)
}

/// Writes a short message to a number of a user.
pub fn text(work: &mut Work<'_>, to: &Addressee, number: &Phone, message: ShortMessage) -> Result<MailId, StoreError> {
    let content = Content::Short(message);
    let now = work.now();
    insert(work, Some(to), number.to_string(), to.language, to.time_zone.clone(), &content, now)
}

/// Writes a mail that belongs to no organization.
pub fn post_plain(
    work: &mut Work<'_>,
    to: &Email,
    language: Language,
    zone: &str,
    message: &Message,
) -> Result<MailId, StoreError> {
    let now = work.now();
    insert(work, None, to.to_string(), language, zone.to_owned(), &Content::Letter(message.clone()), now)
}

fn insert(
    work: &mut Work<'_>,
    owner: Option<&Addressee>,
    recipient: String,
    language: Language,
    time_zone: String,
    content: &Content,
    due: Moment,
) -> Result<MailId, StoreError> {
    let id: MailId = work.id();
    let plain = serde_json::to_vec(content).map_err(|_| StoreError::Unreadable("a mail cannot be written down"))?;
    let sealed = work.keys().seal(work.entropy(), identity(&id).as_bytes(), &plain);
    let now = work.now();
    let (organization_id, user_id) = owner.map(|to| (to.organization.clone(), to.id.clone())).unzip();
    let row = NewMail {
        id: id.clone(),
        organization_id,
        channel: content.channel(),
        kind: content.word(),
        recipient,
        language,
        time_zone,
        sealed: Some(sealed),
        state: State::Queued,
        created_at: now,
        due_at: due,
        attempts: 0,
        user_id,
        works_until: content.until(),
        tried_since: Some(due).filter(|due| *due > now),
    };
    diesel::insert_into(mails::table).values(&row).execute(work.conn())?;
    work.mail_was_written();
    Ok(id)
}

fn identity(id: &MailId) -> String {
    format!("mails/{id}")
}

/// A message that this instance has claimed.
#[derive(Debug)]
pub struct Claimed {
    /// Id, also of its Message-ID.
    pub id: MailId,
    /// To whom: an address or a number.
    pub recipient: String,
    /// In which language.
    pub language: Language,
    /// In which time zone.
    pub time_zone: String,
    /// What it tells; `None` when its key is gone, which no retry mends.
    pub content: Option<Content>,
    /// Deliveries tried before.
    pub attempts: i32,
    /// Since when it is tried.
    pub since: Moment,
    /// Why it is not worth sending any more.
    pub obsolete: Option<Ending>,
}

type ClaimedRow = (MailId, String, Language, String, Option<Vec<u8>>, i32, Moment, Option<Moment>);

/// Claims up to `most` messages of a channel that are due, for the time of `lease`. Each is taken by a conditional update, so no two instances hold one.
pub fn claim(work: &mut Work<'_>, channel: Channel, most: i64, lease: Duration) -> Result<Vec<Claimed>, StoreError> {
    let now = work.now();
    let due = mails::table
        .filter(mails::channel.eq(channel))
        .filter(mails::state.eq(State::Queued))
        .filter(mails::due_at.le(now))
        .filter(mails::leased_until.is_null().or(mails::leased_until.le(now)))
        .order((mails::due_at, mails::id))
        .limit(most)
        .select((
            mails::id,
            mails::recipient,
            mails::language,
            mails::time_zone,
            mails::sealed,
            mails::attempts,
            mails::created_at,
            mails::tried_since,
        ));
    let rows: Vec<ClaimedRow> = due.load(work.conn())?;
    let mut claimed = Vec::new();
    for (id, recipient, language, time_zone, sealed, attempts, created_at, tried_since) in rows {
        let free = mails::id
            .eq(id.clone())
            .and(mails::state.eq(State::Queued))
            .and(mails::leased_until.is_null().or(mails::leased_until.le(now)));
        let change = (mails::leased_until.eq(Some(now + lease)), mails::attempts.eq(mails::attempts + 1));
        if store::update(mails::table, change, free).execute(work.conn())? == 1 {
            let plain = sealed.and_then(|sealed| work.keys().open(identity(&id).as_bytes(), &sealed));
            let content: Option<Content> = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
            let obsolete = rows::obsolete(work, &id, content.as_ref())?;
            let since = tried_since.unwrap_or(created_at);
            claimed.push(Claimed { id, recipient, language, time_zone, content, attempts, since, obsolete });
        }
    }
    Ok(claimed)
}

/// Takes back the mails of a kind that still wait for a user, all or those that are not sent before `from`: what they say no
/// longer holds, or a newer one says it. They count as failed, without an answer of a mail server. One that is being delivered now may still arrive.
pub fn take_back(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    kind: &'static str,
    from: Option<Moment>,
    ending: Ending,
) -> Result<usize, StoreError> {
    let now = work.now();
    let waiting = mails::table
        .filter(mails::due_at.ge(from.unwrap_or(Moment::EPOCH)))
        .filter(mails::organization_id.eq(organization.clone()))
        .filter(mails::user_id.eq(user.clone()))
        .filter(mails::kind.eq(kind))
        .filter(mails::state.eq(State::Queued));
    let change = (
        mails::state.eq(State::Failed),
        mails::ending.eq(Some(ending)),
        mails::sealed.eq(None::<Vec<u8>>),
        mails::leased_until.eq(None::<Moment>),
        mails::answer.eq(None::<String>),
        mails::finished_at.eq(Some(now)),
    );
    Ok(diesel::update(waiting).set(change).execute(work.conn())?)
}

/// Where a message stands, and what the mail server or gateway last said of it.
pub fn fate(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &MailId,
) -> Result<Option<(State, Option<String>)>, StoreError> {
    let row = mails::table
        .filter(mails::organization_id.eq(organization.clone()))
        .filter(mails::id.eq(id.clone()))
        .select((mails::state, mails::answer));
    Ok(row.first(work.conn()).optional()?)
}

/// Removes mails to people of an organization that is being erased, at most as many as asked for; says how many.
pub fn erase(work: &mut Work<'_>, organization: &OrganizationId, most: usize) -> Result<usize, StoreError> {
    let mine = mails::table.filter(mails::organization_id.eq(organization.clone()));
    let first = mine.clone().order(mails::id).limit(i64::try_from(most).unwrap_or(i64::MAX)).select(mails::id);
    let first: Vec<MailId> = first.load(work.conn())?;
    if let Some(last) = first.last() {
        diesel::delete(mine.filter(mails::id.le(last.clone()))).execute(work.conn())?;
    }
    Ok(first.len())
}

/// The mail server or gateway took it: what it said is dropped, what happened is kept. What belongs to no organization is
/// nobody's to look up: the address goes, too, and the answer, which may name it.
pub fn sent(work: &mut Work<'_>, id: &MailId, answer: &str) -> Result<(), StoreError> {
    let now = work.now();
    let change = (
        mails::state.eq(State::Sent),
        mails::stage.eq(None::<Stage>),
        mails::sealed.eq(None::<Vec<u8>>),
        mails::leased_until.eq(None::<Moment>),
        mails::recipient
            .eq(case_when(mails::organization_id.is_null(), "".into_sql::<Text>()).otherwise(mails::recipient)),
        mails::answer.eq(case_when(mails::organization_id.is_not_null(), cut(answer).into_sql::<Text>())),
        mails::finished_at.eq(Some(now)),
    );
    store::update(mails::table, change, waits(id)).execute(work.conn())?;
    let nobodys = mails::table.find(id.clone()).filter(mails::organization_id.is_null());
    if diesel::select(exists(nobodys)).get_result(work.conn())? {
        work.erased_for_good();
    }
    Ok(())
}

/// It was refused for good or tried for days. What it says is kept for a while, so that the operator can send it again.
fn failed(work: &mut Work<'_>, id: &MailId, ending: Ending, refusal: &Refusal) -> Result<(), StoreError> {
    let now = work.now();
    let change = (
        mails::state.eq(State::Failed),
        mails::ending.eq(Some(ending)),
        mails::stage.eq(Some(refusal.stage)),
        mails::leased_until.eq(None::<Moment>),
        mails::answer.eq(Some(cut(&refusal.words))),
        mails::finished_at.eq(Some(now)),
    );
    store::update(mails::table, change, waits(id)).execute(work.conn())?;
    Ok(())
}

/// It is not worth sending any more. The last answer stays: it says why it took so long.
pub fn drop_obsolete(work: &mut Work<'_>, id: &MailId, ending: Ending) -> Result<(), StoreError> {
    let now = work.now();
    let change = (
        mails::state.eq(State::Failed),
        mails::ending.eq(Some(ending)),
        mails::sealed.eq(None::<Vec<u8>>),
        mails::leased_until.eq(None::<Moment>),
        mails::recipient
            .eq(case_when(mails::organization_id.is_null(), "".into_sql::<Text>()).otherwise(mails::recipient)),
        mails::finished_at.eq(Some(now)),
    );
    store::update(mails::table, change, waits(id)).execute(work.conn())?;
    Ok(())
}

type Waits = diesel::dsl::And<diesel::dsl::Eq<mails::id, MailId>, diesel::dsl::Eq<mails::state, State>>;

fn waits(id: &MailId) -> Waits {
    mails::id.eq(id.clone()).and(mails::state.eq(State::Queued))
}

/// What a refusal leads to: the end, or another try later, each time later, for days. Says how it ended, if it did.
pub fn refused(work: &mut Work<'_>, mail: &Claimed, refusal: &Refusal) -> Result<Option<Ending>, StoreError> {
    let now = work.now();
    let ending = match refusal.becomes {
        Becomes::Final => Some(Ending::Refused),
        Becomes::Waits if now.since(mail.since) > PATIENCE => Some(Ending::GivenUp),
        Becomes::Waits => None,
    };
    if let Some(ending) = ending {
        failed(work, &mail.id, ending, refusal)?;
        return Ok(Some(ending));
    }
    // Not later than its end, so that it is on record then that it was not sent.
    let next = now + pause(mail.attempts);
    let end = mail.content.as_ref().and_then(Content::until);
    let change = (
        mails::due_at.eq(end.filter(|end| (now..next).contains(end)).unwrap_or(next)),
        mails::leased_until.eq(None::<Moment>),
        mails::stage.eq(Some(refusal.stage)),
        mails::answer.eq(Some(cut(&refusal.words))),
    );
    let row = mails::table.filter(mails::id.eq(mail.id.clone())).filter(mails::state.eq(State::Queued));
    diesel::update(row).set(change).execute(work.conn())?;
    Ok(None)
}

/// It was claimed, and nothing was done with it: it is as it was before.
pub fn hand_back(work: &mut Work<'_>, mail: &Claimed) -> Result<(), StoreError> {
    let change = (mails::leased_until.eq(None::<Moment>), mails::attempts.eq(mail.attempts));
    // Whoever claimed it since has counted one more.
    let mine = mails::id.eq(mail.id.clone()).and(mails::state.eq(State::Queued));
    let row = mails::table.filter(mine).filter(mails::attempts.eq(mail.attempts + 1));
    diesel::update(row).set(change).execute(work.conn())?;
    Ok(())
}

/// Messages of a channel that wait for delivery.
#[derive(Debug, Queryable)]
pub struct Waiting {
    /// Which channel.
    pub channel: Channel,
    /// How many.
    pub count: i64,
    /// Since when the oldest could be sent.
    pub oldest: Option<Moment>,
}

/// What waits, by channel; a channel without messages is left out, and so are those for a later day.
pub fn waiting(work: &mut Work<'_>) -> Result<Vec<Waiting>, StoreError> {
    let now = work.now();
    let queued = mails::table
        .filter(mails::state.eq(State::Queued))
        .filter(mails::tried_since.is_null().or(mails::tried_since.le(Some(now))))
        .group_by(mails::channel);
    let since = case_when(mails::tried_since.is_not_null(), mails::tried_since.assume_not_null());
    Ok(queued.select((mails::channel, count_star(), min(since.otherwise(mails::created_at)))).load(work.conn())?)
}

/// Seconds doubling from 5 to an hour.
fn pause(attempts: i32) -> Duration {
    Duration::seconds((5_i64 << attempts.clamp(0, 10)).min(3600))
}

fn cut(answer: &str) -> String {
    answer.chars().filter(|c| !c.is_control()).take(300).collect()
}
