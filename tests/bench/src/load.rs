//! Closed-loop load: every connection sends its next request when the answer to the last one is there.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::http::Connection;

/// What a stretch of load came to.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub per_second: f64,
    pub p50: f64,
    pub p99: f64,
}

/// Sends one request over and over on some connections, for some time. Any answer but 200 is an error.
pub fn run(address: SocketAddr, request: &[u8], connections: usize, span: Duration) -> Outcome<Load> {
    let threads = crate::machine::cores().min(connections);
    let deadline = Instant::now() + span;
    let micros = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|number| {
                let mine = connections / threads + usize::from(number < connections % threads);
                scope.spawn(move || part(address, request, mine, deadline))
            })
            .collect();
        let mut all = Vec::new();
        for part in parts {
            all.extend(part.join().map_err(|_| "a load thread panicked")??);
        }
        Ok::<_, String>(all)
    })?;
    let per_second = micros.len() as f64 / span.as_secs_f64();
    let mut millis: Vec<f64> = micros.into_iter().map(|micros| f64::from(micros) / 1000.0).collect();
    Ok(Load { per_second, p50: percentile(&mut millis, 0.5), p99: percentile(&mut millis, 0.99) })
}

fn part(address: SocketAddr, request: &[u8], connections: usize, deadline: Instant) -> Result<Vec<u32>, String> {
    let request: std::sync::Arc<[u8]> = request.into();
    let local = tokio::task::LocalSet::new();
    let work = local.run_until(async {
        let running: Vec<_> = (0..connections)
            .map(|_| tokio::task::spawn_local(loop_until(address, request.clone(), deadline)))
            .collect();
        let mut all = Vec::new();
        for one in running {
            all.extend(one.await.map_err(|cause| cause.to_string())?.map_err(|cause| cause.to_string())?);
        }
        Ok(all)
    });
    crate::runtime().block_on(work)
}

async fn loop_until(
    address: SocketAddr,
    request: std::sync::Arc<[u8]>,
    deadline: Instant,
) -> std::io::Result<Vec<u32>> {
    let mut connection = Connection::open(address).await?;
    let mut micros = Vec::with_capacity(64 * 1024);
    let mut started = Instant::now();
    loop {
        let status = connection.exchange(&request).await?;
        if status != 200 {
            return Err(std::io::Error::other(format!("an answer with {status} under load")));
        }
        let ended = Instant::now();
        if ended > deadline {
            return Ok(micros);
        }
        micros.push(u32::try_from((ended - started).as_micros()).unwrap_or(u32::MAX));
        started = ended;
    }
}

/// The value below which a share of `values` lies.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let place = (values.len().saturating_sub(1) as f64 * share).round() as usize;
    values.get(place).copied().unwrap_or(f64::NAN)
}

/// The median.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(&mut values.into_iter().collect::<Vec<_>>(), 0.5)
}

/// How far they lie apart.
pub fn lowest_and_highest(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    values.into_iter().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}
