//! Looks at every seal in the database and at the event that it seals, a page at a time, so that a log of any length needs
//! the same memory. The log may be written, sealed and forgotten meanwhile: what is missing is looked for once more.

use std::collections::{HashMap, HashSet};

use data_encoding::HEXLOWER;
use serde::Serialize;

use super::heads::{self, Head};
use super::store::{self, Row};
use super::{Chain, Finding, Findings, NOTHING, PublicKeys, Signed, Wrong, acknowledged, content, cut, hash};
use crate::base::digest::Digest;
use crate::base::ids::{EventId, OrganizationId};
use crate::base::moment::Moment;
use crate::features::audit::seal::chain::LATE;
use crate::features::audit::store::Entry;
use crate::platform::store::{OpenTx, Origin, Store, StoreError};

/// Rows that are read at a time.
const PAGE: usize = 500;

/// Rows whose content and seal do not belong together, that are compared with each other to see whether they were exchanged.
const COMPARED: usize = 200;

/// The newest seal of a chain: what to write down elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Newest {
    /// Its number.
    pub number: i64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
}

/// What was found in one log.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The chain: the id of the organization.
    pub chain: String,
    /// The organization's name, or the word for what belongs to none.
    pub log: String,
    /// Events whose content, place and seal belong together.
    pub verified: u64,
    /// The seal after which the log begins, where retention has cut it.
    pub cut: Option<i64>,
    /// The newest seal.
    pub newest: Option<Newest>,
    /// The newest events that have no seal yet.
    pub unsealed: u64,
    /// When the first of them happened, RFC 3339 in UTC.
    pub unsealed_since: Option<String>,
    /// Seals before the newest whose key is not known any more. They hang on the newest.
    pub older_keys: u64,
    /// What is wrong.
    pub wrong: Findings,
}

/// Logs by name: of the one organization, or that of the installation and all others. `None` where nobody has that name.
pub async fn logs(
    home: &Store,
    origin: &Origin,
    only: Option<&str>,
) -> Result<Option<Vec<(Chain, String)>>, StoreError> {
    let mut found = Vec::new();
    if only.is_none() {
        found.push((Chain::Installation, Chain::Installation.word().to_owned()));
    }
    let mut last = String::new();
    loop {
        let after = last.clone();
        let page = home.read(origin.clone(), move |tx| store::chains_after(tx, &after, PAGE)).await?;
        let Some((_, name)) = page.last() else { break };
        last.clone_from(name);
        let page = page.into_iter().filter(|(_, name)| only.is_none_or(|only| only == name));
        found.extend(page.map(|(id, name)| (Chain::Of(id), name)));
    }
    Ok((!found.is_empty()).then_some(found))
}

/// Verifies one log.
pub async fn verify(
    home: &Store,
    origin: &Origin,
    keys: &PublicKeys,
    chain: &Chain,
    name: String,
) -> Result<Report, StoreError> {
    let (of, known) = (chain.clone(), keys.clone());
    let read = home.read(origin.clone(), move |tx| {
        let (progress, head) = (store::progress(tx)?, heads::found(tx, &of)?);
        let signed = heads::whole_head(tx, &known)?;
        let until = signed.map_or(progress.sealed_until, |signed| signed.sealed_until);
        Ok::<_, StoreError>((until, head, acknowledged::names(tx, &known, &of)?))
    });
    let (sealed_until, head, known_findings) = read.await?;
    let mut walk = Walk::new(keys, chain, name, head, Findings::of(chain, known_findings));
    loop {
        let (of, last) = (chain.clone(), walk.last);
        let page = home.read(origin.clone(), move |tx| Page::read(tx, &of, last)).await?;
        if page.seals.is_empty() {
            break;
        }
        walk.look_at(page);
    }
    let has_head = walk.head.is_some();
    let mut report = walk.end();
    let (mut last, mut is_empty) = (String::new(), report.newest.is_none() && !has_head);
    let end = EventId::beginning(sealed_until);
    let is_old = move |bare: &store::Bare| bare.is_sealed_elsewhere || bare.id < end;
    loop {
        let (of, after, old) = (chain.clone(), last.clone(), is_old.clone());
        let read = home.read(origin.clone(), move |tx| {
            let ids = store::ids_after(tx, &of, &after, PAGE)?;
            let last = ids.last().cloned();
            let bare = store::without_seal(tx, &of, ids)?;
            let old = bare.iter().filter(|bare| old(bare)).map(|bare| bare.id.clone()).collect();
            let found = store::events(tx, old)?.into_iter().map(|(home, entry)| (entry.id.clone(), (home, entry)));
            Ok::<_, StoreError>((last, bare, found.collect::<HashMap<_, _>>()))
        });
        let (Some(end), unsealed, mut found) = read.await? else { break };
        last = end.to_string();
        is_empty = false;
        for bare in unsealed {
            let wrong = match is_old(&bare) {
                true if bare.is_sealed_elsewhere => Wrong::Astray,
                true => Wrong::Inserted,
                false => {
                    report.unsealed += 1;
                    report.unsealed_since.get_or_insert_with(|| bare.id.moment().to_string());
                    continue;
                }
            };
            let finding = Finding::on(&bare.id, wrong).referred(&bare.reference);
            report.wrong.add(match found.remove(&bare.id) {
                Some((home, entry)) => finding.showing(content(Chain::of(home.as_ref()).word(), &entry)),
                None => finding,
            });
        }
    }
    if is_empty && chain.organization().is_some() {
        report.wrong.add(Finding::at(0, Wrong::Empty));
    }
    let of = chain.clone();
    if report.wrong.count > 0 && home.read(origin.clone(), move |tx| heads::is_going(tx, &of)).await? {
        // Its organization has begun to be erased, and it goes in pieces.
        report.wrong = Findings::default();
    }
    Ok(report)
}

/// Verifies what is signed of all logs together. Its findings are named like those of the installation's log.
pub async fn verify_whole(home: &Store, origin: &Origin, keys: &PublicKeys) -> Result<Findings, StoreError> {
    let known = keys.clone();
    let read = home.read(origin.clone(), move |tx| acknowledged::names(tx, &known, &Chain::Installation));
    let mut wrong = Findings::of(&Chain::Installation, read.await?);
    heads::verify(home, origin, keys, &mut wrong).await?;
    Ok(wrong)
}

/// Whether a log has a seal that was written down.
pub async fn expected(
    home: &Store,
    origin: &Origin,
    chain: &str,
    number: i64,
    hash: &str,
) -> Result<Option<Finding>, StoreError> {
    let of = chain.to_owned();
    let there = home.read(origin.clone(), move |tx| store::at(tx, &of, number)).await?;
    let wrong = match there {
        None => Wrong::NotThere,
        Some(row) if HEXLOWER.encode(row.hash.as_bytes()) != hash.to_ascii_lowercase() => Wrong::Differs,
        Some(_) => return Ok(None),
    };
    Ok(Some(Finding::at(number, wrong)))
}

/// Seals of a chain with their events.
struct Page {
    seals: Vec<Row>,
    events: HashMap<EventId, (Option<OrganizationId>, Entry)>,
    /// Numbers whose event retention or erasure has taken meanwhile.
    taken: HashSet<i64>,
    /// The number that the chain begins with now.
    first: Option<i64>,
}

impl Page {
    fn read(tx: &mut OpenTx<'_>, chain: &Chain, last: i64) -> Result<Self, StoreError> {
        let seals = store::after(tx, chain, last, PAGE)?;
        let events = store::events(tx, seals.iter().map(|seal| seal.event_id.clone()).collect())?;
        let events: HashMap<_, _> = events.into_iter().map(|event| (event.1.id.clone(), event)).collect();
        let mut taken = HashSet::new();
        for seal in seals.iter().filter(|seal| seal.cut.is_none() && !events.contains_key(&seal.event_id)) {
            if store::at(tx, chain.word(), seal.number)?.is_none_or(|seal| seal.cut.is_some()) {
                taken.insert(seal.number);
            }
        }
        let first = store::oldest(tx, chain)?.map(|seal| seal.number);
        Ok(Self { seals, events, taken, first })
    }
}

/// A row whose content and seal do not belong together.
struct Unfit {
    number: i64,
    before: Vec<u8>,
    hash: Digest,
    content: Digest,
    event: EventId,
    reference: String,
}

struct Walk<'a> {
    keys: &'a PublicKeys,
    chain: &'a Chain,
    report: Report,
    /// Number and hash of the seal before; without a hash nothing can be linked.
    last: i64,
    before: Option<Vec<u8>>,
    /// The latest time that an event has told so far.
    latest: Option<Moment>,
    newest: Option<Row>,
    /// The newest seal that was signed as such.
    head: Option<Head>,
    unfit: Vec<Unfit>,
}

impl<'a> Walk<'a> {
    fn new(keys: &'a PublicKeys, chain: &'a Chain, log: String, head: Option<Head>, wrong: Findings) -> Self {
        let report = Report {
            chain: chain.word().to_owned(),
            log,
            verified: 0,
            cut: None,
            newest: None,
            unsealed: 0,
            unsealed_since: None,
            older_keys: 0,
            wrong,
        };
        Self { keys, chain, report, last: 0, before: None, latest: None, newest: None, head, unfit: Vec::new() }
    }

    fn look_at(&mut self, mut page: Page) {
        // Retention may have passed the place that was reached.
        let mut begins = self.newest.is_none() || page.first.is_none_or(|first| first > self.last);
        for seal in page.seals {
            let event = page.events.remove(&seal.event_id);
            self.enter(&seal, std::mem::take(&mut begins));
            match self.keys.check(&seal.key_id, seal.hash.as_bytes(), &seal.signature) {
                Signed::Rightly => {}
                Signed::Wrongly => self.add(&seal, event.as_ref(), Wrong::Signature),
                Signed::Unknown => self.report.older_keys += 1,
            }
            match &event {
                Some((organization, entry)) => self.compare(&seal, organization.as_ref(), entry),
                None if page.taken.contains(&seal.number) || seal.cut.is_some() => {}
                None => self.add(&seal, None, Wrong::Removed),
            }
            if seal.organization_id.as_ref() != self.chain.organization() {
                self.report.wrong.add(Finding::at(seal.number, Wrong::Astray));
            }
            if self.head.as_ref().is_some_and(|head| head.number == seal.number && head.hash != seal.hash) {
                self.add(&seal, event.as_ref(), Wrong::Headed);
            }
            self.before = Some(seal.hash.as_bytes().to_vec());
            self.last = seal.number;
            self.newest = Some(seal);
        }
    }

    /// What the next seal hangs on: the one before, nothing, or itself where retention has cut the chain.
    fn enter(&mut self, seal: &Row, begins: bool) {
        let is_next = seal.number == self.last + 1;
        match &seal.cut {
            Some(signature) => {
                let marked = cut(self.chain.word(), seal.number, &seal.hash);
                self.report.cut = Some(seal.number);
                if !begins || !self.keys.any_has_signed(marked.as_bytes(), signature) {
                    self.report.wrong.add(Finding::at(seal.number, Wrong::Cut));
                }
            }
            None if self.newest.is_none() && is_next => self.before = Some(NOTHING.to_vec()),
            None if is_next => {}
            None => {
                self.report.wrong.add(Finding::at(seal.number, Wrong::Missing(self.last + 1, seal.number - 1)));
                self.before = None;
            }
        }
    }

    fn compare(&mut self, seal: &Row, organization: Option<&OrganizationId>, entry: &Entry) {
        if seal.cut.is_some() {
            // It was forgotten, and is there again.
            return self.add(seal, Some(&(organization.cloned(), entry.clone())), Wrong::Inserted);
        }
        let at = entry.id.moment();
        if self.latest.is_some_and(|latest| at < latest - LATE * 3) {
            self.add(seal, Some(&(organization.cloned(), entry.clone())), Wrong::Late);
        }
        self.latest = self.latest.max(Some(at));
        let content = content(Chain::of(organization).word(), entry);
        let Some(before) = &self.before else { return };
        if hash(self.chain.word(), seal.number, &content, before) == seal.hash {
            self.report.verified += 1;
            return;
        }
        self.unfit.push(Unfit {
            number: seal.number,
            before: before.clone(),
            hash: seal.hash.clone(),
            content,
            event: entry.id.clone(),
            reference: entry.reference.clone(),
        });
        if self.unfit.len() >= COMPARED {
            self.explain();
        }
    }

    /// Tells rows that stand in each other's place from rows that were changed.
    fn explain(&mut self) {
        let unfit = std::mem::take(&mut self.unfit);
        for row in &unfit {
            let fits = |other: &&Unfit| hash(self.chain.word(), row.number, &other.content, &row.before) == row.hash;
            let wrong = match unfit.iter().find(fits) {
                Some(other) => Wrong::Reordered(other.event.to_string()),
                None => Wrong::Edited,
            };
            let finding = Finding::on(&row.event, wrong).numbered(row.number).referred(&row.reference);
            self.report.wrong.add(finding.showing(row.content.clone()));
        }
    }

    fn add(&mut self, seal: &Row, event: Option<&(Option<OrganizationId>, Entry)>, wrong: Wrong) {
        // A rotation signs anew what is rightly signed, and that changes no finding.
        let signature = if wrong == Wrong::Signature { seal.signature.as_slice() } else { &[] };
        let finding = Finding::on(&seal.event_id, wrong).numbered(seal.number);
        let reference = event.map(|(_, entry)| entry.reference.clone());
        let content = event.map(|(home, entry)| content(Chain::of(home.as_ref()).word(), entry));
        let event = content.as_ref().map_or(b"".as_slice(), Digest::as_bytes);
        let found = Digest::of(&[seal.hash.as_bytes(), signature, event]);
        self.report.wrong.add(match reference {
            Some(reference) => finding.showing(found).referred(&reference),
            None => finding.showing(found),
        });
    }

    fn end(mut self) -> Report {
        self.explain();
        if let Some(head) = &self.head {
            let found = Digest::of(&[&head.number.to_be_bytes(), head.hash.as_bytes(), &head.signature]);
            let wrong = match head.signed(self.keys) {
                Signed::Rightly => None,
                Signed::Wrongly => Some(Wrong::Head),
                Signed::Unknown => Some(Wrong::UnknownKey(head.key_id.clone())),
            };
            if let Some(wrong) = wrong {
                self.report.wrong.add(Finding::at(head.number, wrong).showing(found));
            }
            // Named as it is once the log goes on.
            if self.last < head.number {
                let missing = Wrong::Missing(self.last + 1, head.number);
                self.report.wrong.add(Finding::at(head.number.saturating_add(1), missing));
            }
        }
        let Some(newest) = self.newest.take() else { return self.report };
        let signed = self.keys.check(&newest.key_id, newest.hash.as_bytes(), &newest.signature);
        if signed == Signed::Unknown {
            self.report.older_keys -= 1;
            self.add(&newest, None, Wrong::UnknownKey(newest.key_id.clone()));
        }
        self.report.newest = Some(Newest { number: newest.number, hash: HEXLOWER.encode(newest.hash.as_bytes()) });
        self.report
    }
}
