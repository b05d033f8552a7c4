//! One answer to Prometheus.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::text::Text;
use crate::access::app::App;
use crate::platform::background::Job;
use crate::platform::mail::{Channel, outbox};
use crate::platform::metrics::{BUCKETS, Metrics};
use crate::platform::store::Origin;

/// How long an answer waits for the database: Prometheus gives up after ten seconds, and the rest is worth telling.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everything there is to tell. With the database down the answer comes all the same, and says so.
pub async fn report(app: &App) -> String {
    let mut text = Text::default();
    process(&mut text, app);
    requests(&mut text, &app.metrics);
    logins(&mut text, app);
    queues(&mut text, app);
    jobs(&mut text, app);
    messages(&mut text, app);
    outbox_of(&mut text, app).await;
    text.finish()
}

fn read(number: &AtomicU64) -> u64 {
    number.load(Ordering::Relaxed)
}

fn process(text: &mut Text, app: &App) {
    text.metric("vestibule_build_info", "gauge", "1; the version is a label.")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let started = app.background.started().millis() as f64 / 1000.0;
    text.metric("process_start_time_seconds", "gauge", "When the process started, since 1970.").sample(&[], started);
    text.metric("process_resident_memory_bytes", "gauge", "Memory that the process holds.");
    if let Some(bytes) = resident_memory() {
        text.sample(&[], bytes);
    }
    text.metric("process_open_fds", "gauge", "Open files and connections.");
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        text.sample(&[], open.count());
    }
    text.metric("vestibule_draining", "gauge", "1 when the server is about to stop.")
        .sample(&[], u8::from(app.background.is_draining()));
}

/// As the kernel counts it; absent where there is no /proc.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn requests(text: &mut Text, metrics: &Metrics) {
    let used: Vec<_> = metrics.rows.iter().filter(|row| row.statuses.iter().any(|count| read(count) > 0)).collect();
    text.metric("vestibule_http_requests_total", "counter", "Requests answered, by the first digit of the status.");
    for row in &used {
        for (class, count) in row.statuses.iter().enumerate().filter(|(_, count)| read(count) > 0) {
            let class = format!("{}xx", class + 1);
            text.sample(&[("method", &row.method), ("route", row.route), ("status", &class)], read(count));
        }
    }
    let about = "Time until the answer began. HEAD counts as GET.";
    text.metric("vestibule_http_request_duration_seconds", "histogram", about);
    for row in &used {
        let labels = [("method", row.method.as_str()), ("route", row.route)];
        let mut sum = 0;
        for (number, bucket) in row.buckets.iter().enumerate() {
            sum += read(bucket);
            let end = BUCKETS.get(number).map_or("+Inf".to_owned(), |micros| (*micros as f64 / 1e6).to_string());
            text.part("_bucket", &[labels[0], labels[1], ("le", &end)], sum);
        }
        text.part("_sum", &labels, read(&row.micros) as f64 / 1e6).part("_count", &labels, sum);
    }
    text.metric("vestibule_http_requests_in_flight", "gauge", "Requests whose answer has not begun.")
        .sample(&[], metrics.in_flight.load(Ordering::Relaxed));
}

fn logins(text: &mut Text, app: &App) {
    text.metric("vestibule_logins_total", "counter", "Logins by result and reason, in the words of the audit log.");
    for ((result, reason), count) in app.store.logins().all() {
        text.sample(&[("result", result), ("reason", reason)], count);
    }
}

fn queues(text: &mut Text, app: &App) {
    text.metric("vestibule_hash_queue_depth", "gauge", "Password hashes that wait.").sample(&[], app.hasher.waiting());
    text.metric("vestibule_hash_queue_refused_total", "counter", "Password hashes refused because the queue was full.")
        .sample(&[], app.hasher.refused());
    let counters = app.store.counters();
    text.metric("vestibule_database_queue_depth", "gauge", "Database jobs that wait.");
    for (usage, depth) in app.store.waiting() {
        text.sample(&[("use", usage)], depth);
    }
    text.metric("vestibule_database_queue_refused_total", "counter", "Database jobs refused as the queue was full.")
        .sample(&[], read(&counters.refused));
    text.metric(
        "vestibule_database_queue_skipped_total",
        "counter",
        "Database jobs whose deadline passed in the queue.",
    )
    .sample(&[], read(&counters.skipped));
    text.metric("vestibule_database_reconnects_total", "counter", "Database connections opened again after a loss.")
        .sample(&[], read(&counters.reconnects));
}

fn jobs(text: &mut Text, app: &App) {
    let now = app.clock().now();
    text.metric(
        "vestibule_job_lag_seconds",
        "gauge",
        "Time since a background job last ended well, or since the start.",
    );
    for job in Job::ALL {
        text.sample(&[("job", job.name())], app.background.lag(*job, now));
    }
    text.metric("vestibule_job_failures_total", "counter", "Turns of a background job that failed or panicked.");
    for job in Job::ALL {
        text.sample(&[("job", job.name())], app.background.failures(*job));
    }
}

fn messages(text: &mut Text, app: &App) {
    let about = "Deliveries tried, by how they ended and, where refused, at which stage.";
    text.metric("vestibule_messages_total", "counter", about);
    for ([channel, result, stage], count) in app.deliveries.all() {
        text.sample(&[("channel", channel), ("result", result), ("stage", stage)], count);
    }
    let about = "SMS codes not sent: a limit was reached, or the number is none that SMS go to.";
    text.metric("vestibule_sms_withheld_total", "counter", about);
    for (reason, count) in crate::platform::codes::sms::withheld() {
        text.sample(&[("reason", reason)], count);
    }
}

async fn outbox_of(text: &mut Text, app: &App) {
    let asked = app.store.read(Origin::default(), |tx| outbox::waiting(tx));
    let waiting = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(waiting)) => Some(waiting),
        Ok(Err(cause)) => {
            tracing::warn!(%cause, "metrics come without the outbox");
            None
        }
        Err(_) => None,
    };
    text.metric("vestibule_database_up", "gauge", "1 when the database answered while this was written.")
        .sample(&[], u8::from(waiting.is_some()));
    let now = app.clock().now();
    let of = |channel: &Channel| waiting.as_ref().map(|all| all.iter().find(|waiting| waiting.channel == *channel));
    text.metric("vestibule_outbox_depth", "gauge", "Messages that wait for delivery.");
    for channel in Channel::ALL {
        if let Some(found) = of(channel) {
            text.sample(&[("channel", channel.word())], found.map_or(0, |waiting| waiting.count));
        }
    }
    text.metric("vestibule_outbox_oldest_seconds", "gauge", "Age of the oldest message that waits; 0 when none does.");
    for channel in Channel::ALL {
        if let Some(found) = of(channel) {
            let oldest = found.and_then(|waiting| waiting.oldest);
            let age = oldest.map_or(0.0, |oldest| now.since(oldest).num_milliseconds().max(0) as f64 / 1000.0);
            text.sample(&[("channel", channel.word())], age);
        }
    }
}
