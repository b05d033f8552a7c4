//! The export of the organization with a log of a million events: made while it is sent, in bounded memory, and whole by
//! its own manifest.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::time::Instant;

use flate2::read::DeflateDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::process::Server;
use crate::report::Report;
use crate::{Outcome, http, machine};

const PATH: &str = "/iam/organization/deletion/export";
/// Memory beyond what the server had before, in MiB.
const MOST: f64 = 64.0;

/// A file that goes when it is no longer looked at.
struct Kept(std::path::PathBuf);

impl Drop for Kept {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// Measures the export that the owner behind `session` (a whole header line) asks for, and reads the archive back.
pub fn measure(report: &mut Report, server: &Server, session: &str, name: &str) -> Outcome<()> {
    let kept = Kept(std::env::temp_dir().join(format!("vestibule-export-{}.zip", std::process::id())));
    let idle = machine::resident(server.process());
    machine::forget_peak(server.process())?;
    let began = Instant::now();
    let bytes = download(server, session, &mut File::create(&kept.0)?)?;
    let seconds = began.elapsed().as_secs_f64();
    let above = machine::resident_peak(server.process()) - idle;
    let what = format!("export of an organization with a million events, memory above idle, {name}");
    report.demand(&what, format!("{above:.1} MiB"), "< 64 MiB", above < MOST);
    let (lines, is_right) = verify(&mut BufReader::new(File::open(&kept.0)?))?;
    let mib = bytes as f64 / 1024.0 / 1024.0;
    let figure = format!("{lines} lines in {mib:.0} MiB and {seconds:.0} s");
    report.demand(&format!("its manifest verifies, {name}"), figure, "counts and digests", is_right);
    Ok(())
}

/// Sends the request and keeps the body, chunk by chunk; says how many bytes it has.
fn download(server: &Server, session: &str, to: &mut File) -> Outcome<u64> {
    let mut stream = TcpStream::connect(server.address)?;
    stream.write_all(&http::post(&server.host, PATH, session, &[]))?;
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    answer.read_line(&mut line)?;
    if !line.contains(" 200 ") {
        return Err(format!("the export was answered with {line}").into());
    }
    while line.trim_end() != "" {
        line.clear();
        answer.read_line(&mut line)?;
    }
    let mut all = 0;
    loop {
        line.clear();
        answer.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim_end(), 16)?;
        if size == 0 {
            return Ok(all);
        }
        all += io::copy(&mut answer.by_ref().take(size), to)?;
        answer.read_line(&mut line)?;
    }
}

/// Lines of all files, and whether each is as the manifest says. The archive is found by the directory at its end.
fn verify(archive: &mut BufReader<File>) -> Outcome<(u64, bool)> {
    let mut end = [0; 22];
    archive.seek(SeekFrom::End(-22))?;
    archive.read_exact(&mut end)?;
    let mut at = number(&end[16..20]);
    let (mut found, mut manifest) = (Vec::new(), Value::Null);
    for _ in 0..number(&end[10..12]) {
        let mut entry = [0; 46];
        archive.seek(SeekFrom::Start(at))?;
        archive.read_exact(&mut entry)?;
        let mut name = vec![0; usize::try_from(number(&entry[28..30]))?];
        archive.read_exact(&mut name)?;
        archive.seek(SeekFrom::Start(number(&entry[42..46]) + 30 + name.len() as u64))?;
        let mut text = BufReader::new(DeflateDecoder::new(archive.by_ref().take(number(&entry[20..24]))));
        if name == b"manifest.json" {
            manifest = serde_json::from_reader(text)?;
        } else {
            let (mut digest, mut lines, mut line) = (Sha256::new(), 0, Vec::new());
            while text.read_until(b'\n', &mut line)? > 0 {
                digest.update(&line);
                lines += 1;
                line.clear();
            }
            found.push((String::from_utf8(name.clone())?, lines, digest.finalize().to_vec()));
        }
        at += 46 + name.len() as u64 + number(&entry[30..32]);
    }
    let told = manifest["files"].as_array().cloned().unwrap_or_default();
    let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let is_told = |(name, lines, digest): &(String, u64, Vec<u8>)| {
        told.iter().any(|file| {
            file["name"] == name.as_str() && file["lines"] == *lines && file["sha256"] == hex(digest).as_str()
        })
    };
    Ok((found.iter().map(|(_, lines, _)| lines).sum(), found.len() == told.len() && found.iter().all(is_told)))
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
