//! What the figures were measured on, and what can be read of a process.

use std::fs;

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn field(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| Some(line.strip_prefix(name)?.split_once(':')?.1.trim().to_owned()))
}

/// Cores, processor, memory and kernel in a line.
pub fn described() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processor = field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let kib: f64 = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .unwrap_or(f64::NAN);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{} cores of {processor}, {:.0} GiB memory, Linux {}", cores(), kib / 1024.0 / 1024.0, kernel.trim())
}

/// Processes that were running or waiting for a core in the last minute.
pub fn load_average() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(f64::NAN)
}

/// Resident memory of a process in MiB, now.
pub fn resident(process: u32) -> f64 {
    status_mib(process, "VmRSS")
}

/// The most resident memory of a process in MiB since [`forget_peak`].
pub fn resident_peak(process: u32) -> f64 {
    status_mib(process, "VmHWM")
}

/// The most resident memory of this process in MiB.
pub fn own_peak() -> f64 {
    status_mib(std::process::id(), "VmHWM")
}

/// Begins a new peak.
pub fn forget_peak(process: u32) -> std::io::Result<()> {
    fs::write(format!("/proc/{process}/clear_refs"), "5")
}

fn status_mib(process: u32, name: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let kib: Option<f64> = field(&text, name).and_then(|text| text.split(' ').next()?.parse().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}
