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

use super::{Chain, NOTHING, Signer, content, hash, store};
use crate::app::App;
use crate::audit::store::Entry;
use crate::background::Job;
use crate::store::types::{Digest, EventId, Moment, OrganizationId};
use crate::store::{Origin, Store, StoreError};

const EVERY: Wait = Wait::from_secs(2);

/// Rows that are sealed in one transaction.
const BATCH: usize = 500;

/// How late a row may become visible and still get a seal.
pub const LATE: Duration = Duration::minutes(10);

/// What the rounds in between look through: more than the minute in which equal events are counted in one row.
const RECENT: Duration = Duration::seconds(90);

/// How often everything that may be late is looked through.
const LOOK_BACK: Duration = Duration::minutes(1);

/// After its minute nobody begins to count an event in its row any more; who has begun is waited for anyway.
const MARGIN: Duration = Duration::seconds(2);

/// Seals for as long as the server runs.
pub async fn run(app: App) {
    let mut sealer = Sealer::default();
    let turn = async || sealer.seal_due(&app.store).await;
    let rest = async |_| tokio::time::sleep(EVERY).await;
    app.background.keep(Job::Seals, app.clock().as_ref(), turn, rest).await;
}

/// What one instance remembers from round to round.
#[derive(Debug, Default)]
pub struct Sealer {
    looked_back: Option<Moment>,
}

/// What became of one batch.
enum Batch {
    Sealed(usize),
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
                Batch::Sealed(rows) => {
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
}

/// The beginning of the minute whose rows may still be counted up.
fn running_minute(now: Moment) -> Moment {
    let micros = (now - MARGIN).micros();
    Moment::from_micros(u64::try_from(micros - micros.rem_euclid(60_000_000)).unwrap_or_default()).unwrap_or(now)
}

async fn seal_some(home: &Store, looks_back: bool) -> Result<Batch, StoreError> {
    let found = home.read(Origin::default(), move |tx| {
        let (progress, now) = (store::progress(tx)?, tx.now());
        let from = if looks_back { progress.sealed_until } else { progress.sealed_until.max(now - RECENT) };
        Ok::<_, StoreError>((progress, now, store::unsealed(tx, from, running_minute(now), BATCH)?))
    });
    let (progress, now, rows) = found.await?;
    let until = match looks_back {
        true => reached(&rows, now).max(progress.sealed_until),
        false => progress.sealed_until,
    };
    // An installation in which nothing happens writes once in a while, and is asked otherwise.
    if rows.is_empty() && until.since(progress.sealed_until) < LATE {
        return Ok(Batch::Sealed(0));
    }
    settle(home, &rows).await?;
    let ids: Vec<EventId> = rows.into_iter().map(|(id, _)| id).collect();
    let seals = chained(home, ids).await?;
    let count = seals.len();
    let written = home.write(Origin::default(), move |tx| {
        if !store::advance(tx, progress.version, until)? {
            return Ok::<_, StoreError>(tx.unrecorded("another instance sealed meanwhile", Batch::CameSecond));
        }
        for seal in &seals {
            store::insert(tx, seal)?;
        }
        Ok(tx.unrecorded("a seal is about events, and none itself", Batch::Sealed(count)))
    });
    written.await
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

/// The seals of events, each hanging on the one before.
async fn chained(home: &Store, ids: Vec<EventId>) -> Result<Vec<store::NewSeal>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let read = home.read(Origin::default(), move |tx| {
        let events = store::events(tx, ids)?;
        let mut heads: HashMap<Chain, (i64, Vec<u8>)> = HashMap::new();
        for (organization, _) in &events {
            if let Vacant(place) = heads.entry(Chain::of(organization.as_ref())) {
                let newest = store::newest(tx, place.key())?;
                place.insert(newest.map_or((0, NOTHING.to_vec()), |row| (row.number, row.hash.as_bytes().to_vec())));
            }
        }
        Ok::<_, StoreError>((events, heads))
    });
    let (events, mut heads) = read.await?;
    let signer = Signer::newest(home.keys());
    let seal = |(organization, entry): (Option<OrganizationId>, Entry)| {
        let chain = Chain::of(organization.as_ref());
        let (number, before) = heads.entry(chain.clone()).or_insert((0, NOTHING.to_vec()));
        *number += 1;
        let hash: Digest = hash(chain.word(), *number, &content(chain.word(), &entry), before);
        *before = hash.as_bytes().to_vec();
        store::NewSeal {
            chain: chain.word().to_owned(),
            number: *number,
            organization_id: organization,
            event_id: entry.id,
            signature: signer.sign(&hash),
            hash,
            key_id: signer.id().to_owned(),
            cut: None,
        }
    };
    Ok(events.into_iter().map(seal).collect())
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
            EventId::from(crate::entropy::FreshId(format!("{}-7000-8000-000000000001", EventId::beginning(moment(at)))))
        };
        let rows = |last: &str, count: usize| vec![(id(last), false); count];
        assert_eq!(reached(&rows("2026-11-22T08:00:00Z", 3), now), now - LATE);
        assert_eq!(reached(&rows("2026-11-22T08:00:00Z", BATCH), now), moment("2026-11-22T08:00:00Z"));
        assert_eq!(reached(&rows("2026-11-22T08:59:00Z", BATCH), now), now - LATE);
        assert_eq!(reached(&[], now), now - LATE);
    }
}
