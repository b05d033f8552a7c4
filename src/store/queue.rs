//! A bounded queue for threads of which the one that stopped last is woken first: its connection, and the process of
//! PostgreSQL behind it, are warm. A channel wakes the one that has slept longest.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// The end that hands jobs over. When the last one is gone, the threads are told.
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
}

/// A queue for at most `most` waiting jobs.
pub(super) fn bounded<T>(most: usize) -> (Sender<T>, Receiver<T>) {
    let state = Mutex::new(State { waiting: VecDeque::new(), idle: Vec::new(), senders: 1 });
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
        if state.waiting.len() >= self.0.most {
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
    /// Waits for the next job, the oldest first. `None` when nobody is left to send one.
    pub(super) fn recv(&self) -> Option<T> {
        let me = thread::current();
        loop {
            let mut state = self.0.lock();
            // Whoever woke without being called still stands in the list.
            state.idle.retain(|thread| thread.id() != me.id());
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if state.senders == 0 {
                return None;
            }
            state.idle.push(me.clone());
            drop(state);
            thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

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
                    while let Some(job) = receiver.recv() {
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
        assert_eq!(receiver.recv(), Some(1));
        assert_eq!(sender.try_send(3), Ok(()));
    }

    #[test]
    fn the_thread_that_stopped_last_is_woken_first() {
        let (sender, receiver) = bounded(10);
        let (told, taken) = mpsc::channel();
        for _ in 0..3 {
            let (receiver, told) = (receiver.clone(), told.clone());
            thread::spawn(move || {
                while let Some(()) = receiver.recv() {
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
}
