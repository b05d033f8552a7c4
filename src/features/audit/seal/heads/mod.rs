//! Heads: the newest seal of each chain, signed, and how far the log is sealed, signed together with the sum of all numbers.
//! Seals by themselves vouch for what hangs on them; that there were more of them, a head tells. Who removes the newest
//! seals, or all of a log, cannot sign a head that says so, and who plays old heads back finds that the sum, or the
//! version of what was signed later, tells of it.

mod store;

pub(crate) use store::acknowledgements;
pub use store::{Head, WholeHead};

use super::{Chain, Finding, Findings, PublicKeys, Signed, Signer, Wrong, store as seals};
use crate::base::clock::Clock;
use crate::base::digest::Digest;
use crate::base::entropy::Entropy;
use crate::base::ids::OrganizationId;
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::features::audit::seal::chain::LATE;
use crate::platform::events::{Event, Kind};
use crate::platform::secrets::Keyring;
use crate::platform::store::{OpenTx, Origin, Recorded, Store, StoreError, Target, Work, once};

/// The migration that makes the tables.
const TABLES: &str = "0021";

/// Heads that are read at a time.
const PAGE: i64 = 500;

/// How often all heads are read again because one was signed in between.
const TRIES: usize = 20;

impl WholeHead {
    /// Signed.
    fn new(signer: &Signer, version: i64, sealed_until: Moment, total: i64) -> Self {
        let signature = signer.sign(&standing_digest(version, sealed_until, total));
        Self { version, sealed_until, total, key_id: signer.id().to_owned(), signature }
    }

    /// What its signature is worth.
    fn signed(&self, keys: &PublicKeys) -> Signed {
        let digest = standing_digest(self.version, self.sealed_until, self.total);
        keys.check(&self.key_id, digest.as_bytes(), &self.signature)
    }
}

impl Head {
    /// Signed.
    fn new(signer: &Signer, chain: &str, number: i64, hash: Digest, version: i64) -> Self {
        let signature = signer.sign(&head_digest(chain, number, &hash, version));
        Self { chain: chain.to_owned(), number, hash, version, key_id: signer.id().to_owned(), signature }
    }

    /// What its signature is worth.
    pub(super) fn signed(&self, keys: &PublicKeys) -> Signed {
        let digest = head_digest(&self.chain, self.number, &self.hash, self.version);
        keys.check(&self.key_id, digest.as_bytes(), &self.signature)
    }
}

fn standing_digest(version: i64, sealed_until: Moment, total: i64) -> Digest {
    let (until, version, total) = (sealed_until.micros().to_be_bytes(), version.to_be_bytes(), total.to_be_bytes());
    Digest::of(&[b"vestibule audit progress 1", &version, &until, &total])
}

fn head_digest(chain: &str, number: i64, hash: &Digest, version: i64) -> Digest {
    let (number, version) = (number.to_be_bytes(), version.to_be_bytes());
    Digest::of(&[b"vestibule audit head 1", chain.as_bytes(), &number, hash.as_bytes(), &version])
}

/// How far the log is sealed, if that is rightly signed.
pub(super) fn whole_head(work: &mut Work<'_>, keys: &PublicKeys) -> Result<Option<WholeHead>, StoreError> {
    Ok(store::whole_head(work)?.filter(|whole_head| whole_head.signed(keys) == Signed::Rightly))
}

/// The head of a chain, if it is rightly signed.
pub(super) fn head(work: &mut Work<'_>, keys: &PublicKeys, chain: &Chain) -> Result<Option<Head>, StoreError> {
    Ok(store::head(work, chain.word())?.filter(|head| head.signed(keys) == Signed::Rightly))
}

/// The head of a chain, whatever its signature is worth.
pub(super) fn found(work: &mut Work<'_>, chain: &Chain) -> Result<Option<Head>, StoreError> {
    store::head(work, chain.word())
}

/// New newest seals of chains: each with the number that the head had before.
pub(super) struct Grown {
    pub(super) chain: String,
    pub(super) before: i64,
    pub(super) number: i64,
    pub(super) hash: Digest,
}

/// Signs new heads and how far the log is sealed. The caller holds the row of those who change seals.
pub(super) fn sign(
    work: &mut Work<'_>,
    before: &WholeHead,
    sealed_until: Moment,
    grown: Vec<Grown>,
) -> Result<(), StoreError> {
    let signer = Signer::newest(work.keys());
    let (version, mut total) = (before.version + 1, before.total);
    for new in grown {
        total = total.saturating_add(new.number.saturating_sub(new.before));
        store::put_head(work, &Head::new(&signer, &new.chain, new.number, new.hash, version))?;
    }
    store::put_whole(work, &WholeHead::new(&signer, version, sealed_until, total))
}

/// Signs for the first time: where nothing has ever happened, or by the process that has just made the tables. Everywhere
/// else that nothing is signed means that it was removed. Says whether it is signed now.
pub fn begin(work: &mut Work<'_>, has_made_tables: bool) -> Result<bool, StoreError> {
    if store::whole_head(work)?.is_some() {
        return Ok(true);
    }
    // Of several instances that start, one comes first, and the others see what it has signed.
    seals::hold(work)?;
    if store::whole_head(work)?.is_some() {
        return Ok(true);
    }
    if !has_made_tables && !store::is_untouched(work)? {
        return Ok(false);
    }
    // Where nothing has happened, nothing is to be sealed that claims to be older.
    let since = if has_made_tables { None } else { Some(work.now() - LATE) };
    sign_all(work, since)?;
    Ok(true)
}

/// Signs for the first time, before anything else runs, as [`begin`] does. Fails with words for the operator.
pub fn begin_at(
    target: &Target,
    keys: &Keyring,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    migrated: &[String],
) -> Result<(), String> {
    let has_made_tables = migrated.iter().any(|name| name.starts_with(TABLES));
    let is_signed = once(target, keys, clock, entropy, |work| begin(work, has_made_tables))?;
    if !is_signed {
        tracing::error!("what was signed of how far the audit log is sealed is gone: see `vestibule audit verify`");
    }
    Ok(())
}

/// Signs the newest seal of each chain that has no signed head, and their sum. Says how many heads were signed.
fn sign_all(work: &mut Work<'_>, sealed_until: Option<Moment>) -> Result<usize, StoreError> {
    let keys = super::keys::known_keys(work)?;
    let signer = Signer::newest(work.keys());
    let (mut total, mut signed, mut last) = (0_i64, 0, String::new());
    let before = store::whole_head(work)?.map_or(0, |whole_head| whole_head.version);
    // No head may be newer than what is signed now.
    let mut version = before;
    loop {
        let heads = store::heads_after(work, &last, PAGE)?;
        let Some(end) = heads.last() else { break };
        last.clone_from(&end.chain);
        for head in heads {
            match head.signed(&keys) {
                Signed::Rightly => {
                    total = head.number.saturating_add(total);
                    version = version.max(head.version);
                }
                _ => store::remove_head(work, &head.chain)?,
            }
        }
    }
    let version = version + 1;
    last.clear();
    while let Some(chain) = store::chain_after(work, &last)? {
        if store::head(work, &chain)?.is_none()
            && let Some(newest) = seals::newest_of(work, &chain)?
        {
            store::put_head(work, &Head::new(&signer, &chain, newest.number, newest.hash, version))?;
            total = total.saturating_add(newest.number);
            signed += 1;
        }
        last = chain;
    }
    let sealed_until = match sealed_until {
        Some(until) => until,
        None => seals::progress(work)?.sealed_until,
    };
    store::put_whole(work, &WholeHead::new(&signer, version, sealed_until, total))?;
    Ok(signed)
}

/// Ends the log of an organization that is removed in this transaction: the sum of all is lower then. One that was not
/// rightly signed stays in the sum, so that it cannot be made to vanish.
pub fn end(work: &mut Work<'_>, organization: &OrganizationId) -> Result<(), StoreError> {
    seals::hold(work)?;
    let keys = super::keys::known_keys(work)?;
    let chain = Chain::Of(organization.clone());
    let (head, whole_head) = (head(work, &keys, &chain)?, whole_head(work, &keys)?);
    if let (Some(head), Some(before)) = (head, whole_head) {
        let signer = Signer::newest(work.keys());
        let total = before.total - head.number;
        store::put_whole(work, &WholeHead::new(&signer, before.version + 1, before.sealed_until, total))?;
    }
    store::remove_head(work, chain.word())
}

/// What the operator's command has put back.
#[derive(Clone, Debug)]
pub struct Rewound {
    /// Until when everything counted as sealed.
    pub from: Moment,
    /// Until when it does now.
    pub to: Moment,
    /// Heads that were signed because there was none, or none with a right signature.
    pub signed: usize,
}

/// Puts back how far the log counts as sealed: to a moment, or to the newest event that has a seal and is not from the
/// future. What happened since gets its seal then. Heads that are rightly signed stay.
pub fn rewind(tx: &mut OpenTx<'_>, to: Option<Moment>) -> Result<Recorded<Rewound>, StoreError> {
    seals::hold(tx)?;
    let keys = super::keys::known_keys(tx)?;
    let progress = seals::progress(tx)?;
    let signed = whole_head(tx, &keys)?;
    let from = signed.as_ref().map_or(progress.sealed_until, |whole_head| whole_head.sealed_until);
    let now = tx.now();
    let newest = match to {
        Some(to) => to,
        None => store::newest_sealed(tx, now)?.map_or(now - LATE, |id| id.moment()),
    };
    // What is not signed may itself have been put back, and is no limit.
    let to = if signed.is_some() { newest.min(from).min(now) } else { newest.min(now) };
    if !seals::advance(tx, progress.version, to)? {
        return Err(StoreError::Unreadable("seals that change while they are held"));
    }
    let signed = sign_all(tx, Some(to))?;
    let event = Event::done(Kind::AuditRewound).changed("sealed_until", from.to_string(), to.to_string());
    tx.record(event.with("heads", signed), Rewound { from, to, signed })
}

/// Signs heads, and how far the log is sealed, again with the newest key. Says how many of them it left as they are, as
/// their signature is wrong or there is none.
pub(crate) fn sign_again(work: &mut Work<'_>) -> Result<(usize, usize), StoreError> {
    seals::hold(work)?;
    let keys = super::keys::known_keys(work)?;
    let signer = Signer::newest(work.keys());
    let (mut renewed, mut left, mut last) = (0, 0, String::new());
    loop {
        let heads = store::heads_after(work, &last, PAGE)?;
        let Some(end) = heads.last() else { break };
        last.clone_from(&end.chain);
        for head in heads.into_iter().filter(|head| head.key_id != signer.id()) {
            if head.signed(&keys) != Signed::Rightly {
                left += 1;
                continue;
            }
            store::put_head(work, &Head::new(&signer, &head.chain, head.number, head.hash, head.version))?;
            renewed += 1;
        }
    }
    match store::whole_head(work)? {
        Some(whole_head) if whole_head.key_id == signer.id() => {}
        Some(whole_head) if whole_head.signed(&keys) == Signed::Rightly => {
            let WholeHead { version, sealed_until, total, .. } = whole_head;
            store::put_whole(work, &WholeHead::new(&signer, version, sealed_until, total))?;
            renewed += 1;
        }
        Some(_) | None => left += 1,
    }
    Ok((renewed, left))
}

/// Heads that were signed after a version, and the version that was reached.
pub(super) async fn news(home: &Store, since: i64) -> Result<(i64, Vec<Head>), StoreError> {
    let keys = home.read(Origin::default(), |tx| super::keys::known_keys(tx)).await?;
    let reached = home.read(Origin::default(), move |tx| whole_head(tx, &keys)).await?;
    let (mut heads, mut last) = (Vec::new(), String::new());
    loop {
        let after = last.clone();
        let page = home.read(Origin::default(), move |tx| store::heads_since(tx, since, &after, PAGE)).await?;
        let Some(end) = page.last() else { break };
        last.clone_from(&end.chain);
        heads.extend(page);
    }
    Ok((reached.map_or(since, |whole_head| whole_head.version), heads))
}

/// Whether a log may go because its organization is being erased or is gone by now.
pub(super) fn is_going(work: &mut Work<'_>, chain: &Chain) -> Result<bool, StoreError> {
    match chain.organization() {
        None => Ok(false),
        Some(organization) => {
            let state = store::organization(work, organization.as_str())?;
            Ok(state.is_none_or(|state| state == State::Erasing))
        }
    }
}

/// Verifies what is signed of the log as a whole: how far it is sealed, and that the heads add up.
pub async fn verify(home: &Store, origin: &Origin, keys: &PublicKeys, wrong: &mut Findings) -> Result<(), StoreError> {
    let read = async || home.read(origin.clone(), |tx| store::whole_head(tx)).await;
    let mut whole_head = read().await?;
    for _ in 0..TRIES {
        let mut found = Vec::new();
        let whole = sum(home, origin, &mut found).await?;
        let again = read().await?;
        if again != whole_head {
            // Something was sealed in between, so these heads are not those of that moment.
            whole_head = again;
            continue;
        }
        match whole_head {
            None => wrong.add(Finding::whole(Wrong::Unsigned)),
            Some(whole_head) => {
                match whole_head.signed(keys) {
                    Signed::Rightly => {}
                    Signed::Wrongly => wrong.add(Finding::whole(Wrong::Progress)),
                    Signed::Unknown => wrong.add(Finding::whole(Wrong::UnknownKey(whole_head.key_id.clone()))),
                }
                if whole.sum != whole_head.total {
                    wrong.add(Finding::whole(Wrong::Sum(whole_head.total.saturating_sub(whole.sum))));
                }
                if whole.version > whole_head.version {
                    wrong.add(Finding::whole(Wrong::PlayedBack(whole.version, whole_head.version)));
                }
            }
        }
        found.into_iter().for_each(|finding| wrong.add(finding));
        return Ok(());
    }
    Err(StoreError::Unreadable("heads that change all the time"))
}

/// All heads together.
#[derive(Default)]
struct Whole {
    sum: i64,
    version: i64,
}

async fn sum(home: &Store, origin: &Origin, found: &mut Vec<Finding>) -> Result<Whole, StoreError> {
    let (mut whole, mut last) = (Whole::default(), String::new());
    loop {
        let after = last.clone();
        let read = home.read(origin.clone(), move |tx| {
            let heads = store::heads_after(tx, &after, PAGE)?;
            let mut gone = Vec::new();
            for head in heads.iter().filter(|head| head.chain != Chain::Installation.word()) {
                if store::organization(tx, &head.chain)?.is_none() {
                    gone.push(head.chain.clone());
                }
            }
            Ok::<_, StoreError>((heads, gone))
        });
        let (heads, gone) = read.await?;
        let Some(end) = heads.last() else { return Ok(whole) };
        last.clone_from(&end.chain);
        found.extend(gone.into_iter().map(|chain| Finding::whole(Wrong::Gone(chain))));
        for head in heads {
            whole.sum = whole.sum.saturating_add(head.number);
            whole.version = whole.version.max(head.version);
        }
    }
}
