//! What the server counts for its operator, told in Prometheus' text format on a listener of its own.
//!
//! Requests are counted by the pattern of their route, which is known when routes are registered, so counting takes no
//! lock and looks nothing up: a request adds to a few numbers of its route's own row.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::platform::events::{Outcome, Reason};

/// Upper ends of the histogram's buckets in microseconds; the last bucket has none.
pub(crate) const BUCKETS: [u64; 12] =
    [1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000];

/// What is answered outside of the list of routes.
const BESIDE: [(&str, &str); 3] = [("GET", "/static/{file}"), ("GET", "probes"), ("other", "none")];

/// Which row of the counters a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// The line of the list of routes.
    Route(usize),
    /// A static file.
    File,
    /// A probe of the server's health.
    Probe,
    /// No route has this path and method.
    Nothing,
}

/// The counters of requests.
#[derive(Debug)]
pub struct Metrics {
    pub(crate) rows: Vec<Row>,
    pub(crate) in_flight: AtomicI64,
}

/// One route's.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) method: String,
    pub(crate) route: &'static str,
    /// By the first digit of the status.
    pub(crate) statuses: [AtomicU64; 5],
    pub(crate) buckets: [AtomicU64; BUCKETS.len() + 1],
    pub(crate) micros: AtomicU64,
}

impl Row {
    fn new(method: &str, route: &'static str) -> Self {
        let zero = |_| AtomicU64::new(0);
        Self {
            method: method.to_owned(),
            route,
            statuses: std::array::from_fn(zero),
            buckets: std::array::from_fn(zero),
            micros: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// One row for each route.
    pub fn new<'a>(routes: impl Iterator<Item = (&'a str, &'static str)>) -> Self {
        let listed = routes.map(|(method, path)| Row::new(method, path));
        let beside = BESIDE.iter().map(|(method, route)| Row::new(method, route));
        Self { rows: listed.chain(beside).collect(), in_flight: AtomicI64::new(0) }
    }

    /// A request came.
    pub fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests that are being answered.
    pub fn requests_in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// It was answered, or its client went away.
    pub fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// A request was answered.
    pub fn answered(&self, counted: Counted, status: u16, took: Duration) {
        let listed = self.rows.len() - BESIDE.len();
        let number = match counted {
            Counted::Route(number) if number < listed => number,
            Counted::File => listed,
            Counted::Probe => listed + 1,
            Counted::Route(_) | Counted::Nothing => listed + 2,
        };
        let row = &self.rows[number];
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|end| micros <= *end).unwrap_or(BUCKETS.len());
        row.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        row.micros.fetch_add(micros, Ordering::Relaxed);
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        row.statuses[class].fetch_add(1, Ordering::Relaxed);
    }
}

/// Logins by how they ended, in the words of the audit log. One costs a password hash, so a lock costs nothing.
#[derive(Debug, Default)]
pub struct Logins(Mutex<BTreeMap<(&'static str, &'static str), u64>>);

impl Logins {
    /// Counts logins whose events are committed.
    pub fn count(&self, logins: Vec<(Outcome, Option<Reason>)>) {
        if logins.is_empty() {
            return;
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (outcome, reason) in logins {
            *counts.entry((outcome.word(), reason.map_or("", Reason::word))).or_default() += 1;
        }
    }

    /// Every count.
    pub fn all(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_once_in_the_row_of_its_route() {
        let metrics = Metrics::new([("GET", "/"), ("POST", "/login")].into_iter());
        for (counted, status, micros) in
            [(Counted::Route(0), 200, 1_000), (Counted::Route(0), 503, 1_001), (Counted::Nothing, 404, 9_000_000)]
        {
            metrics.answered(counted, status, Duration::from_micros(micros));
        }
        let (first, last) = (&metrics.rows[0], &metrics.rows[metrics.rows.len() - 1]);
        let read = |numbers: &[AtomicU64]| numbers.iter().map(|n| n.load(Ordering::Relaxed)).collect::<Vec<_>>();
        assert_eq!(read(&first.statuses), [0, 1, 0, 0, 1]);
        assert_eq!(read(&first.buckets)[..3], [1, 1, 0]);
        assert_eq!((first.route, first.micros.load(Ordering::Relaxed)), ("/", 2_001));
        assert_eq!((last.route, read(&last.buckets)[BUCKETS.len()]), ("none", 1));
    }
}
