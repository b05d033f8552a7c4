//! Making seals. Every two seconds, what has happened since is sealed, in the order of time. Hashes and signatures are
//! made outside of any transaction; the one that writes them counts the version up first, so that of two instances that
//! seal the same rows one comes second and leaves it at that. What is cut off in the middle was never there.
//!
//! Rows may become visible late: another instance's transaction began earlier, or its clock goes wrong. So the last ten
//! minutes are looked through once a minute, and what comes late gets a later number.

use std::collections::HashMap;
use std::collections::hash_map::Entry::Vacant;
use std::time::Duration as Wait;

use chrono::Duration;

use super::chain::LATE;
use super::heads::{self, Grown, WholeHead};
use super::{Chain, NOTHING, PublicKeys, Signer, content, hash, store};
use crate::access::agreement;
use crate::access::app::App;
use crate::base::digest::Digest;
use crate::base::ids::EventId;
use crate::base::moment::Moment;
use crate::features::audit::seal::keys::known_keys;
use crate::platform::background::Job;
use crate::platform::store::{OpenTx, Origin, Store, StoreError};

const EVERY: Wait = Wait::from_secs(2);

/// Rows that are sealed in one transaction.
const BATCH: usize = 500;

/// What the rounds in between look through: more than the minute in which equal events are counted in one row.
const RECENT: Duration = Duration::seconds(90);

/// What claims to be from later than that was written by a clock that is wrong, and waits for its time.
const AHEAD: Duration = Duration::seconds(10);

/// How often everything that may be late is looked through.
const LOOK_BACK: Duration = Duration::minutes(1);

/// After its minute nobody begins to count an event in its row any more; who has begun is waited for anyway.
const MARGIN: Duration = Duration::seconds(2);

/// How often the newest seals go to the log of the program.
const TELL_EVERY: Duration = Duration::hours(1);

/// Seals for as long as the server runs.
pub async fn run(app: App) {
    let mut sealer = Sealer::default();
    let turn = async || {
        let sealed = round(&app, &mut sealer).await?;
        sealer.tell_heads(&app.store).await?;
        Ok::<_, StoreError>(sealed)
    };
    let rest = async |_| tokio::time::sleep(EVERY).await;
    app.background.keep(Job::Seals, app.clock().as_ref(), turn, rest).await;
}

/// One round. An instance whose clock is not the database's leaves it to the others.
pub async fn round(app: &App, sealer: &mut Sealer) -> Result<usize, StoreError> {
    match agreement::agrees(app).await? {
        true => sealer.seal_due(&app.store).await,
        false => Ok(0),
    }
}

/// What one instance remembers from round to round.
#[derive(Debug, Default)]
pub struct Sealer {
    looked_back: Option<Moment>,
    /// When the newest seals were told, and which version they had.
    told: Option<(Moment, i64)>,
    /// When it was last said that nothing says how far the log is sealed.
    warned: Option<Moment>,
}

/// What became of one batch.
enum Batch {
    /// So many, and whether it was rightly signed how far the log was sealed before.
    Sealed(usize, bool),
    /// Another instance has sealed meanwhile.
    CameSecond,
}

impl Sealer {
    /// Seals everything that is finished; says how many events that were.
    pub async fn seal_due(&mut self, home: &Store) -> Result<usize, StoreError> {
        let now = home.clock().now();
        // What fails leaves nothing remembered, so the next round looks back.
        let before = self.looked_back.take();
        let recent = before.filter(|at| *at <= now && now.since(*at) < LOOK_BACK);
        let mut sealed = 0;
        loop {
            match seal_some(home, recent.is_none()).await? {
                Batch::CameSecond => return Ok(sealed),
                Batch::Sealed(rows, is_signed) => {
                    self.warn_unless(is_signed, now);
                    sealed += rows;
                    if rows < BATCH {
                        break;
                    }
                }
            }
        }
        self.looked_back = Some(recent.unwrap_or(now));
        Ok(sealed)
    }

    fn warn_unless(&mut self, is_signed: bool, now: Moment) {
        if is_signed || self.warned.is_some_and(|at| at <= now && now.since(at) < TELL_EVERY) {
            return;
        }
        self.warned = Some(now);
        tracing::error!(
            "what was signed of how far the audit log is sealed is gone or wrong: see `vestibule audit verify`"
        );
    }

    /// Writes the newest seals to the log of the program, once in an hour those that are new: kept elsewhere, they tell of
    /// a database that was put back as a whole.
    pub async fn tell_heads(&mut self, home: &Store) -> Result<(), StoreError> {
        let now = home.clock().now();
        let since = match self.told {
            Some((at, _)) if at <= now && now.since(at) < TELL_EVERY => return Ok(()),
            Some((_, version)) => version,
            None => 0,
        };
        let (version, heads) = heads::news(home, since).await?;
        for head in heads {
            let hash = data_encoding::HEXLOWER.encode(head.hash.as_bytes());
            tracing::info!(log = head.chain, number = head.number, hash, "newest seal of an audit log");
        }
        self.told = Some((now, version));
        Ok(())
    }
}

/// The beginning of the minute whose rows may still be counted up.
fn running_minute(now: Moment) -> Moment {
    let micros = (now - MARGIN).micros();
    Moment::from_micros(u64::try_from(micros - micros.rem_euclid(60_000_000)).unwrap_or_default()).unwrap_or(now)
}

async fn seal_some(home: &Store, looks_back: bool) -> Result<Batch, StoreError> {
    let found = home.read(Origin::default(), move |tx| {
        let (progress, now, keys) = (store::progress(tx)?, tx.now(), known_keys(tx)?);
        let signed = heads::whole_head(tx, &keys)?;
        // What is not signed may have been put back, so nothing that is older than anything can be late is sealed.
        let until = signed.as_ref().map_or(progress.sealed_until.max(now - LATE), |signed| signed.sealed_until);
        let from = if looks_back { until } else { until.max(now - RECENT) };
        let rows = store::unsealed(tx, from, now + AHEAD, running_minute(now), BATCH)?;
        // Never beyond what can be seen: should the clock be wrong after all, honest events still come after that.
        let newest = if looks_back { crate::features::audit::store::newest(tx)? } else { None };
        Ok::<_, StoreError>((Before { version: progress.version, until, signed }, now, rows, newest))
    });
    let (before, now, rows, newest) = found.await?;
    let until = match looks_back {
        true => reached(&rows, now).min(newest.unwrap_or(before.until)).max(before.until),
        false => before.until,
    };
    let is_signed = before.signed.is_some();
    // An installation in which nothing happens writes once in a while, and is asked otherwise.
    if rows.is_empty() && until.since(before.until) < LATE {
        return Ok(Batch::Sealed(0, is_signed));
    }
    settle(home, &rows).await?;
    let ids: Vec<EventId> = rows.into_iter().map(|(id, _)| id).collect();
    let (seals, grown) = chained(home, ids).await?;
    let count = seals.len();
    let written = home.write(Origin::default(), move |tx| {
        if !store::advance(tx, before.version, until)? {
            return Ok::<_, StoreError>(tx.unrecorded("another instance sealed meanwhile", Batch::CameSecond));
        }
        for seal in &seals {
            store::insert(tx, seal)?;
        }
        // What was taken away or forged is not signed anew: it stays for `audit verify` to find.
        if let Some(signed) = &before.signed {
            heads::sign(tx, signed, until, grown)?;
        }
        Ok(tx.unrecorded("a seal is about events, and none itself", Batch::Sealed(count, is_signed)))
    });
    written.await
}

/// How far the log was sealed when it was looked at.
struct Before {
    version: i64,
    until: Moment,
    signed: Option<WholeHead>,
}

/// Until when everything has a seal once these rows have theirs.
fn reached(rows: &[(EventId, bool)], now: Moment) -> Moment {
    let certain = now - LATE;
    match rows.last() {
        Some((last, _)) if rows.len() >= BATCH => certain.min(last.moment()),
        _ => certain,
    }
}

/// Ends the counting of equal events in rows that are about to be sealed.
async fn settle(home: &Store, rows: &[(EventId, bool)]) -> Result<(), StoreError> {
    let counted: Vec<EventId> = rows.iter().filter(|(_, counts)| *counts).map(|(id, _)| id.clone()).collect();
    if counted.is_empty() {
        return Ok(());
    }
    let settled = home.write(Origin::default(), move |tx| {
        store::settle(tx, counted)?;
        Ok::<_, StoreError>(tx.unrecorded("by which key events are counted is no part of them", ()))
    });
    settled.await
}

/// Where a chain goes on: after its head, or after its newest seal where that is beyond. An instance of an older version
/// signs no heads; and where seals were removed, those that are missing are missing for good.
struct End {
    signed: i64,
    number: i64,
    /// `None` before the first seal.
    hash: Option<Digest>,
}

impl End {
    fn of(tx: &mut OpenTx<'_>, keys: &PublicKeys, chain: &Chain) -> Result<Self, StoreError> {
        let (head, newest) = (heads::head(tx, keys, chain)?, store::newest(tx, chain)?);
        let signed = head.as_ref().map_or(0, |head| head.number);
        let head = head.map(|head| (head.number, head.hash));
        let newest = newest.map(|row| (row.number, row.hash));
        let end = match (head, newest) {
            (Some(head), Some(newest)) if newest.0 > head.0 => Some(newest),
            (head, newest) => head.or(newest),
        };
        let (number, hash) = end.map_or((0, None), |(number, hash)| (number, Some(hash)));
        Ok(Self { signed, number, hash })
    }

    fn grown(self, chain: &Chain) -> Option<Grown> {
        let (before, number) = (self.signed, self.number);
        self.hash.map(|hash| Grown { chain: chain.word().to_owned(), before, number, hash })
    }
}

/// The seals of events, each hanging on the one before, and the chains that they make longer.
async fn chained(home: &Store, ids: Vec<EventId>) -> Result<(Vec<store::NewSeal>, Vec<Grown>), StoreError> {
    if ids.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let read = home.read(Origin::default(), move |tx| {
        let (events, keys) = (store::events(tx, ids)?, known_keys(tx)?);
        let mut ends: HashMap<Chain, End> = HashMap::new();
        for (organization, _) in &events {
            if let Vacant(place) = ends.entry(Chain::of(organization.as_ref())) {
                let end = End::of(tx, &keys, place.key())?;
                place.insert(end);
            }
        }
        Ok::<_, StoreError>((events, ends))
    });
    let (events, mut ends) = read.await?;
    let signer = Signer::newest(home.keys());
    let mut seals = Vec::with_capacity(events.len());
    for (organization, entry) in events {
        let chain = Chain::of(organization.as_ref());
        let Some(end) = ends.get_mut(&chain) else { continue };
        end.number = end.number.saturating_add(1);
        let before = end.hash.as_ref().map_or(NOTHING.as_slice(), Digest::as_bytes);
        let hash = hash(chain.word(), end.number, &content(chain.word(), &entry), before);
        end.hash = Some(hash.clone());
        seals.push(store::NewSeal {
            chain: chain.word().to_owned(),
            number: end.number,
            organization_id: organization,
            event_id: entry.id,
            signature: signer.sign(&hash),
            hash,
            key_id: signer.id().to_owned(),
            cut: None,
        });
    }
    Ok((seals, ends.into_iter().filter_map(|(chain, end)| end.grown(&chain)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::new(text.parse().unwrap())
    }

    #[test]
    fn a_minute_runs_a_little_longer_than_it_is() {
        for (now, running) in [
            ("2026-11-22T09:00:59.999Z", "2026-11-22T09:00:00Z"),
            ("2026-11-22T09:01:01.999Z", "2026-11-22T09:00:00Z"),
            ("2026-11-22T09:01:02Z", "2026-11-22T09:01:00Z"),
            ("2026-11-22T09:01:30.5Z", "2026-11-22T09:01:00Z"),
        ] {
            assert_eq!(running_minute(moment(now)), moment(running), "{now}");
        }
        assert!(RECENT > Duration::minutes(1) + MARGIN, "a row is seen again once its minute is over");
    }

    #[test]
    fn a_full_batch_reaches_no_further_than_its_last_row() {
        let now = moment("2026-11-22T09:00:00Z");
        let id = |at: &str| {
            EventId::from(crate::base::entropy::FreshId(format!(
                "{}-7000-8000-000000000001",
                EventId::beginning(moment(at))
            )))
        };
        let rows = |last: &str, count: usize| vec![(id(last), false); count];
        assert_eq!(reached(&rows("2026-11-22T08:00:00Z", 3), now), now - LATE);
        assert_eq!(reached(&rows("2026-11-22T08:00:00Z", BATCH), now), moment("2026-11-22T08:00:00Z"));
        assert_eq!(reached(&rows("2026-11-22T08:59:00Z", BATCH), now), now - LATE);
        assert_eq!(reached(&[], now), now - LATE);
    }
}
