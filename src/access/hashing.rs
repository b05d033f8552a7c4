//! Password hashing: Argon2id on threads of its own, each with one work buffer, behind a bounded queue.
//!
//! The allocator keeps the 19 MiB block of every hash that ran somewhere else, so hashing never happens elsewhere
//! (docs/architecture.md). Past the queue's end the caller answers 503 instead of letting a flood of logins wait, and so
//! does a caller who has its share of the queue already: no session, organization or network takes the others' places.
//! Those who wait take turns.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::{self, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;

use super::Password;
use super::hash_queue::{self, Job, Queue};
use super::hash_share::{Held, Places, Share};
use super::password::{self, Context, Judged};
use crate::base::entropy::Entropy;
use crate::platform::config;

const OUTPUT_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// A password hash in PHC form, as stored. It has no `Display`, so no page can show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The hash as the table holds it.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// For the table.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The hashing queue is full, or the caller's share of it.
#[derive(Debug, thiserror::Error)]
#[error("the hashing queue is full")]
pub struct QueueFull;

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the password is the one that was hashed.
    pub matches: bool,
    /// Whether the hash was made with other parameters than the configured ones.
    pub outdated: bool,
}

/// The hashing threads.
#[derive(Clone)]
pub struct Hasher {
    queue: Queue,
    pub(super) held: Held,
    /// Places that one network, /48 or organization may take: half of those that wait, and half of the threads.
    share: usize,
    parameters: Params,
    dummy: Arc<PasswordHash>,
    verifications: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
    estimates: Arc<AtomicU64>,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher({} waiting)", self.queue.len())
    }
}

impl Hasher {
    /// Starts the threads and makes the dummy hash that stands in for everything that has no password. Its output is
    /// drawn, not computed: verifying it costs the same, no password matches it, and the start costs no hash.
    pub fn start(settings: &config::Hashing, entropy: &dyn Entropy) -> Result<Self, String> {
        let parameters = Params::new(settings.memory_kib, settings.passes, settings.lanes, Some(OUTPUT_BYTES))
            .map_err(|cause| cause.to_string())?;
        let (queue, jobs) = hash_queue::bounded(settings.queue);
        for number in 0..settings.threads {
            let jobs = jobs.clone();
            let work = move || {
                let mut buffer = Vec::new();
                while let Some(job) = jobs.next() {
                    // Its caller is told by the answer that does not come; the thread goes on with the next.
                    if catch_unwind(AssertUnwindSafe(|| job(&mut buffer))).is_err() {
                        tracing::error!("a password hash panicked");
                    }
                }
            };
            std::thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(work)
                .map_err(|cause| cause.to_string())?;
        }
        let dummy = written(&parameters, &entropy.bytes::<SALT_BYTES>(), &entropy.bytes::<OUTPUT_BYTES>());
        Ok(Self {
            queue,
            held: Held::default(),
            share: (settings.queue + settings.threads).div_ceil(2),
            dummy: Arc::new(dummy.ok_or("the hash parameters cannot be used")?),
            parameters,
            verifications: Arc::default(),
            refused: Arc::default(),
            estimates: Arc::default(),
        })
    }

    /// Hashes a new password.
    pub async fn hash(
        &self,
        share: &Share,
        entropy: &dyn Entropy,
        password: &Password,
    ) -> Result<PasswordHash, QueueFull> {
        let (parameters, password, salt) = (self.parameters.clone(), password.clone(), entropy.bytes::<SALT_BYTES>());
        self.run(share, move |buffer| compute(&parameters, password.expose().as_bytes(), &salt, buffer))
            .await?
            .ok_or(QueueFull)
    }

    /// Compares a password with a stored hash. Without one the dummy is verified, which takes as long and never matches.
    pub async fn verify(
        &self,
        share: &Share,
        password: &Password,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, QueueFull> {
        let real = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.as_ref().clone());
        let (current, password) = (self.parameters.clone(), password.clone());
        self.verifications.fetch_add(1, Ordering::Relaxed);
        let work = move |buffer: &mut Vec<Block>| compare(&current, password.expose().as_bytes(), &stored, buffer);
        let verdict = self.run(share, work).await?;
        Ok(Verdict { matches: verdict.matches && real, outdated: verdict.outdated })
    }

    /// Judges a new password. The estimate takes its place among the hashes: a flood of either waits in one queue.
    pub async fn judge(
        &self,
        share: &Share,
        text: &str,
        rules: &config::Passwords,
        context: &Context,
    ) -> Result<Judged, QueueFull> {
        let (text, rules, context) = (text.to_owned(), *rules, context.clone());
        self.estimates.fetch_add(1, Ordering::Relaxed);
        self.run(share, move |_| password::judge(&text, &rules, &context)).await
    }

    /// Estimates since the start: tests count that every request costs at most one.
    pub fn estimates(&self) -> u64 {
        self.estimates.load(Ordering::Relaxed)
    }

    /// Verifications since the start: tests count that every refusal costs exactly one.
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }

    /// Hashes that are waiting.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Hashes refused since the start because the queue or a share of it was full.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        share: &Share,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, QueueFull> {
        let Some(places) = Places::take(&self.held, share, self.share) else {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(QueueFull);
        };
        let (answer, waiting) = oneshot::channel();
        let job: Job = Box::new(move |buffer| {
            // A caller that has gone needs no hash.
            let found = (!answer.is_closed()).then(|| work(buffer));
            // Before the answer: its receiver may ask again at once.
            drop(places);
            if let Some(found) = found {
                drop(answer.send(found));
            }
        });
        if !self.queue.put(share, job) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(QueueFull);
        }
        waiting.await.map_err(|_| QueueFull)
    }
}

fn raw(parameters: &Params, password: &[u8], salt: &[u8], output: &mut [u8], buffer: &mut Vec<Block>) -> Option<()> {
    let blocks = parameters.block_count();
    if buffer.len() < blocks {
        buffer.resize(blocks, Block::default());
    }
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone());
    argon2.hash_password_into_with_memory(password, salt, output, &mut buffer[..blocks]).ok()
}

fn compute(parameters: &Params, password: &[u8], salt: &[u8], buffer: &mut Vec<Block>) -> Option<PasswordHash> {
    let mut output = [0; OUTPUT_BYTES];
    raw(parameters, password, salt, &mut output, buffer)?;
    written(parameters, salt, &output)
}

fn written(parameters: &Params, salt: &[u8], output: &[u8]) -> Option<PasswordHash> {
    let hash = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(parameters).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(phc::Output::new(output).ok()?),
    };
    Some(PasswordHash(hash.to_string()))
}

fn compare(current: &Params, password: &[u8], stored: &PasswordHash, buffer: &mut Vec<Block>) -> Verdict {
    const NEVER: Verdict = Verdict { matches: false, outdated: false };
    let Ok(parsed) = phc::PasswordHash::new(&stored.0) else {
        return NEVER;
    };
    let (Ok(parameters), Some(salt), Some(hash)) = (Params::try_from(&parsed), parsed.salt, parsed.hash) else {
        return NEVER;
    };
    let mut output = [0; OUTPUT_BYTES];
    if raw(&parameters, password, salt.as_ref(), &mut output, buffer).is_none() {
        return NEVER;
    }
    // `phc::Output` compares in constant time.
    let matches = phc::Output::new(&output).is_ok_and(|output| output == hash);
    let differs = parameters.m_cost() != current.m_cost()
        || parameters.t_cost() != current.t_cost()
        || parameters.p_cost() != current.p_cost();
    Verdict { matches, outdated: differs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SystemEntropy;
    use crate::platform::store::Origin;

    fn settings() -> config::Hashing {
        config::Hashing { memory_kib: 64, passes: 1, lanes: 1, threads: 1, queue: 4 }
    }

    fn from(address: &str) -> Share {
        Share::of(&Origin { address: address.parse().ok(), ..Origin::default() })
    }

    #[tokio::test]
    async fn asvs_11_4_2_hashes_are_phc_strings_with_their_parameters() {
        let hasher = Hasher::start(&settings(), &SystemEntropy).unwrap();
        let password = Password::typed("correct horse battery").unwrap();
        let hash = hasher.hash(&from("192.0.2.1"), &SystemEntropy, &password).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", hash.expose());
        assert!(hasher.verify(&from("192.0.2.1"), &password, Some(hash.clone())).await.unwrap().matches);
        let other = Password::typed("correct horse battery ").unwrap();
        assert!(!hasher.verify(&from("192.0.2.1"), &other, Some(hash.clone())).await.unwrap().matches);
        let stronger = Hasher::start(&config::Hashing { passes: 2, ..settings() }, &SystemEntropy).unwrap();
        assert_eq!(
            stronger.verify(&from("192.0.2.1"), &password, Some(hash)).await.unwrap(),
            Verdict { matches: true, outdated: true }
        );
    }

    /// Shows attack 2.
    #[tokio::test]
    async fn asvs_16_5_4_a_hash_that_panics_takes_no_thread_along() {
        let hasher = Hasher::start(&settings(), &SystemEntropy).unwrap();
        for _ in 0..3 {
            assert!(hasher.run(&from("192.0.2.1"), |_| panic!("in the only thread")).await.map(|(): ()| ()).is_err());
        }
        assert_eq!(hasher.run(&from("192.0.2.1"), |_| 7).await.unwrap(), 7);
    }

    /// Shows attack 94.
    #[tokio::test]
    async fn passwords_are_judged_on_the_hashing_threads_and_wait_in_their_queue() {
        let hasher = Hasher::start(&config::Hashing { queue: 1, ..settings() }, &SystemEntropy).unwrap();
        let name = hasher.run(&from("192.0.2.1"), |_| std::thread::current().name().map(str::to_owned)).await.unwrap();
        assert_eq!(name.as_deref(), Some("hash-0"));
        let rules = config::Passwords { minimum: 12, strength: 3 };
        let judged = hasher
            .judge(&from("192.0.2.1"), "stapler blanket orbit willow", &rules, &Context::default())
            .await
            .unwrap();
        assert!(judged.chosen.is_ok() && hasher.estimates() == 1);
        // The only thread is busy and the only place in the queue is taken.
        let (started, begun) = oneshot::channel();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (first, second) = (hasher.clone(), hasher.clone());
        let working = tokio::spawn(async move {
            first.run(&from("192.0.2.1"), move |_| started.send(()).is_ok() && wait.recv().is_err()).await
        });
        begun.await.unwrap();
        let waiting = tokio::spawn(async move { second.run(&from("192.0.2.2"), |_| true).await });
        while hasher.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(hasher.judge(&from("192.0.2.3"), "anything", &rules, &Context::default()).await.is_err());
        drop(go);
        assert!(working.await.unwrap().unwrap() && waiting.await.unwrap().unwrap());
    }

    #[tokio::test]
    async fn without_a_hash_the_dummy_is_verified_and_never_matches() {
        let hasher = Hasher::start(&settings(), &SystemEntropy).unwrap();
        let password = Password::typed("a password nobody has").unwrap();
        assert!(!hasher.verify(&from("192.0.2.1"), &password, None).await.unwrap().matches);
        assert_eq!(hasher.verifications(), 1);
    }
}
