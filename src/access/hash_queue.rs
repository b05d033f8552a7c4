//! The queue of password hashes: who waits takes turns, so that a flood from one network delays the others by one hash.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Block;

use super::hash_share::Share;

pub(super) type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// Jobs by whose account they wait on, in the order in which the next of each is done.
type Lines = VecDeque<(String, VecDeque<Job>)>;

/// The end that takes jobs. The channel bounds them and wakes the threads; it ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Queue {
    lines: Arc<Mutex<Lines>>,
    places: flume::Sender<()>,
}

/// The end that hands them out.
#[derive(Clone)]
pub(super) struct Jobs {
    lines: Arc<Mutex<Lines>>,
    places: flume::Receiver<()>,
}

/// A queue of so many places.
pub(super) fn bounded(most: usize) -> (Queue, Jobs) {
    let (queue, jobs) = flume::bounded(most);
    let lines = Arc::<Mutex<Lines>>::default();
    (Queue { lines: lines.clone(), places: queue }, Jobs { lines, places: jobs })
}

impl Queue {
    /// Puts a job at the end of the line of its share; `false` where no place is left.
    pub(super) fn put(&self, share: &Share, job: Job) -> bool {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if self.places.try_send(()).is_err() {
            return false;
        }
        match lines.iter_mut().find(|(of, _)| of == share.line()) {
            Some((_, line)) => line.push_back(job),
            None => lines.push_back((share.line().to_owned(), VecDeque::from([job]))),
        }
        true
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

impl Jobs {
    /// Waits for the next job; `None` once the other end is gone.
    pub(super) fn next(&self) -> Option<Job> {
        self.places.recv().ok()?;
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, mut line) = lines.pop_front()?;
        let job = line.pop_front();
        if !line.is_empty() {
            lines.push_back((of, line));
        }
        job
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::store::Origin;

    /// Shows ASVS 2.4.1.
    #[test]
    fn a_flood_from_one_network_delays_another_by_one_hash() {
        let from = |address: &str| Share::of(&Origin { address: address.parse().ok(), ..Origin::default() });
        let (queue, jobs) = bounded(12);
        let (done, order) = flume::unbounded();
        let put = |address: &str, name: &'static str| {
            let done = done.clone();
            queue.put(&from(address), Box::new(move |_| done.send(name).expect("a reader")))
        };
        for number in 0..10 {
            assert!(put(&format!("2001:db8:1:{number:x}::1"), "flood"));
        }
        assert!(put("192.0.2.1", "first") && put("192.0.2.1", "second"));
        assert!(!put("192.0.2.2", "refused"), "no place is left");
        assert_eq!(queue.len(), 12);
        drop(queue);
        while let Some(job) = jobs.next() {
            job(&mut Vec::new());
        }
        let order: Vec<&str> = order.drain().collect();
        assert_eq!(order[..4], ["flood", "first", "flood", "second"]);
        assert_eq!(order.len(), 12);
    }
}
