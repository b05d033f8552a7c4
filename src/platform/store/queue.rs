//! A bounded queue for threads of which the one that stopped last is woken first: its connection, and the process of
//! PostgreSQL behind it, are warm. A channel wakes the one that has slept longest.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// The end that hands jobs over. When the last one is gone, or one says so, the threads are told.
pub(super) struct Sender<T>(Arc<Shared<T>>);

/// The end that a thread takes jobs from.
pub(super) struct Receiver<T>(Arc<Shared<T>>);

struct Shared<T> {
    most: usize,
    state: Mutex<State<T>>,
}

struct State<T> {
    waiting: VecDeque<T>,
    idle: Vec<Thread>,
    senders: usize,
    closed: bool,
}

/// What a thread got that asked for a job.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    /// A job.
    Job(T),
    /// The time until which it would wait is over.
    Later,
    /// There will be no more.
    End,
}

/// A queue for at most `most` waiting jobs.
pub(super) fn bounded<T>(most: usize) -> (Sender<T>, Receiver<T>) {
    let state = Mutex::new(State { waiting: VecDeque::new(), idle: Vec::new(), senders: 1, closed: false });
    let shared = Arc::new(Shared { most, state });
    (Sender(shared.clone()), Receiver(shared))
}

impl<T> Shared<T> {
    // Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Sender<T> {
    /// Hands a job over, or back when the queue is full.
    pub(super) fn try_send(&self, job: T) -> Result<(), T> {
        let mut state = self.0.lock();
        if state.closed || state.waiting.len() >= self.0.most {
            return Err(job);
        }
        state.waiting.push_back(job);
        let idle = state.idle.pop();
        drop(state);
        if let Some(thread) = idle {
            thread.unpark();
        }
        Ok(())
    }
}

impl<T> Sender<T> {
    /// Takes no more jobs; the threads end when they have done those that wait.
    pub(super) fn close(&self) {
        let mut state = self.0.lock();
        state.closed = true;
        state.idle.drain(..).for_each(|thread| thread.unpark());
    }

    /// Jobs that wait.
    pub(super) fn waiting(&self) -> usize {
        self.0.lock().waiting.len()
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sender({} waiting)", self.waiting())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.senders -= 1;
        if state.senders == 0 {
            state.idle.drain(..).for_each(|thread| thread.unpark());
        }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Receiver<T> {
    /// Waits for the next job, the oldest first, until a moment where one is given. While `may_take` says no, the jobs are
    /// left to the other threads.
    pub(super) fn next(&self, until: Option<Instant>, may_take: impl Fn() -> bool) -> Next<T> {
        let me = thread::current();
        loop {
            let may_take = may_take();
            let mut state = self.0.lock();
            // Whoever woke without being called still stands in the list.
            state.idle.retain(|thread| thread.id() != me.id());
            if may_take && let Some(job) = state.waiting.pop_front() {
                return Next::Job(job);
            }
            if state.senders == 0 || state.closed {
                return Next::End;
            }
            // Woken for a job that is no longer for this thread: it wakes another one.
            let other = if state.waiting.is_empty() { None } else { state.idle.pop() };
            let rest = until.map(|until| until.saturating_duration_since(Instant::now()));
            if rest.is_none_or(|rest| !rest.is_zero()) && may_take {
                state.idle.push(me.clone());
            }
            drop(state);
            if let Some(thread) = other {
                thread.unpark();
            }
            match rest {
                None => thread::park(),
                Some(Duration::ZERO) => return Next::Later,
                Some(rest) => thread::park_timeout(rest),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn every_job_is_taken_once_in_order_and_the_threads_end_with_the_last_sender() {
        let (sender, receiver) = bounded(1_000);
        let (told, taken) = mpsc::channel();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (receiver, told) = (receiver.clone(), told.clone());
                thread::spawn(move || {
                    let mut last = None;
                    while let Next::Job(job) = receiver.next(None, || true) {
                        assert!(last < Some(job), "a thread takes older jobs first");
                        last = Some(job);
                        told.send(job).unwrap();
                    }
                })
            })
            .collect();
        let second = sender.clone();
        for job in 0..500 {
            sender.try_send(job).unwrap();
        }
        drop(sender);
        for job in 500..1_000 {
            let mut job = Err(job);
            while let Err(back) = job {
                job = second.try_send(back).map(|()| 0);
            }
        }
        drop((second, told));
        let mut all: Vec<i32> = taken.iter().collect();
        all.sort_unstable();
        assert_eq!(all, (0..1_000).collect::<Vec<_>>());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }

    #[test]
    fn a_full_queue_hands_the_job_back() {
        let (sender, receiver) = bounded(2);
        assert_eq!([sender.try_send(1), sender.try_send(2), sender.try_send(3)], [Ok(()), Ok(()), Err(3)]);
        assert_eq!(receiver.next(None, || true), Next::Job(1));
        assert_eq!(sender.try_send(3), Ok(()));
    }

    #[test]
    fn the_thread_that_stopped_last_is_woken_first() {
        let (sender, receiver) = bounded(10);
        let (told, taken) = mpsc::channel();
        for _ in 0..3 {
            let (receiver, told) = (receiver.clone(), told.clone());
            thread::spawn(move || {
                while let Next::Job(()) = receiver.next(None, || true) {
                    told.send(thread::current().id()).unwrap();
                }
            });
        }
        let all_idle = || {
            (0..1_000).any(|_| {
                thread::sleep(Duration::from_millis(1));
                receiver.0.lock().idle.len() == 3
            })
        };
        let mut woken = Vec::new();
        for _ in 0..20 {
            assert!(all_idle());
            sender.try_send(()).unwrap();
            woken.push(taken.recv().unwrap());
        }
        woken.dedup();
        assert_eq!(woken.len(), 1, "one thread did everything");
    }

    #[test]
    fn a_thread_that_may_not_take_jobs_leaves_them_and_comes_back_in_time() {
        let (sender, receiver) = bounded(2);
        sender.try_send(1).unwrap();
        let soon = || Some(Instant::now() + Duration::from_millis(5));
        assert_eq!(receiver.next(soon(), || false), Next::Later);
        assert_eq!(receiver.next(soon(), || true), Next::Job(1));
        assert_eq!(receiver.next(soon(), || true), Next::Later);
    }

    #[test]
    fn a_closed_queue_takes_nothing_more_and_hands_out_what_waits() {
        let (sender, receiver) = bounded(3);
        sender.try_send(1).unwrap();
        let waits = {
            let receiver = receiver.clone();
            thread::spawn(move || [receiver.next(None, || true), receiver.next(None, || true)])
        };
        sender.close();
        assert_eq!(sender.try_send(2), Err(2));
        assert_eq!(waits.join().unwrap(), [Next::Job(1), Next::End]);
    }
}
