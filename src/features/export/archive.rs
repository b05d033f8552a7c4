//! A ZIP archive that is written while it is sent: sizes and checksums follow each file, and what is in the archive is told
//! at its end, so nothing is gone back to. Written here, as the crates that can do it bring many others along, and this is
//! little. Everything opens it; no file is larger than the classic format can tell, the archive itself may be.

use std::io::{self, Write};

use chrono::{Datelike, Timelike};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::base::moment::Moment;

/// Bytes after which a file is ended and another one goes on.
const LARGE: u64 = 1 << 30;
/// What a field of four bytes says when the value stands elsewhere.
const ELSEWHERE: u32 = u32::MAX;
/// Sizes follow the file; its name is UTF-8.
const FLAGS: u16 = 1 << 3 | 1 << 11;
const DEFLATE: u16 = 8;

/// A file of the archive, as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// How many lines it has.
    pub lines: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Their SHA-256, in hexadecimal digits.
    pub sha256: String,
}

struct Member {
    name: String,
    offset: u64,
    crc: u32,
    compressed: u32,
    size: u32,
}

struct Open {
    name: String,
    offset: u64,
    encoder: DeflateEncoder<Vec<u8>>,
    crc: Crc,
    digest: Sha256,
    compressed: u64,
    size: u64,
    lines: u64,
}

/// An archive that is being written. What is ready to be sent is taken out of it with [`Archive::take`].
pub struct Archive {
    ready: Vec<u8>,
    written: u64,
    members: Vec<Member>,
    open: Option<Open>,
    listed: Vec<Listed>,
    day: u16,
    time: u16,
}

impl Archive {
    /// Begins an archive whose files are of a moment.
    pub fn new(at: Moment) -> Self {
        let at = at.utc();
        let years = u16::try_from(at.year() - 1980).unwrap_or_default();
        let small = |number: u32| u16::try_from(number).unwrap_or_default();
        let day = years << 9 | small(at.month()) << 5 | small(at.day());
        let time = small(at.hour()) << 11 | small(at.minute()) << 5 | small(at.second() / 2);
        let (ready, members, listed) = (Vec::new(), Vec::new(), Vec::new());
        Self { ready, written: 0, members, open: None, listed, day, time }
    }

    /// Begins a file; the one before is ended.
    pub fn begin(&mut self, name: &str) -> io::Result<()> {
        self.end_file()?;
        let offset = self.written;
        let mut head = Vec::new();
        put(&mut head, b"PK\x03\x04", &[20, FLAGS, DEFLATE, self.time, self.day]);
        head.extend([0; 12]);
        put(&mut head, b"", &[length(name), 0]);
        head.extend(name.as_bytes());
        self.send(&head);
        let encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        let (crc, digest, name) = (Crc::new(), Sha256::new(), name.to_owned());
        self.open = Some(Open { name, offset, encoder, crc, digest, compressed: 0, size: 0, lines: 0 });
        Ok(())
    }

    /// Writes lines into the file that was begun. One that grew large is ended after them, and a numbered one goes on.
    pub fn write(&mut self, lines: &[u8], count: usize) -> io::Result<()> {
        let Some(open) = &mut self.open else {
            return Err(io::Error::other("no file was begun"));
        };
        open.encoder.write_all(lines)?;
        open.crc.update(lines);
        open.digest.update(lines);
        open.size += lines.len() as u64;
        open.lines += count as u64;
        let compressed = std::mem::take(open.encoder.get_mut());
        open.compressed += compressed.len() as u64;
        let next = (open.size >= LARGE).then(|| numbered(&open.name));
        self.send(&compressed);
        match next {
            Some(next) => self.begin(&next),
            None => Ok(()),
        }
    }

    /// What is in the files that were ended.
    pub fn listed(&mut self) -> io::Result<&[Listed]> {
        self.end_file()?;
        Ok(&self.listed)
    }

    /// Ends the archive.
    pub fn end(&mut self) -> io::Result<()> {
        self.end_file()?;
        let directory = self.written;
        for member in std::mem::take(&mut self.members) {
            let is_far = member.offset >= u64::from(ELSEWHERE);
            let mut entry = Vec::new();
            // Made on Unix, so that the file's mode counts.
            put(&mut entry, b"PK\x01\x02", &[3 << 8 | 45, if is_far { 45 } else { 20 }, FLAGS, DEFLATE]);
            put(&mut entry, b"", &[self.time, self.day]);
            put_wide(&mut entry, &[member.crc, member.compressed, member.size]);
            put(&mut entry, b"", &[length(&member.name), if is_far { 12 } else { 0 }, 0, 0, 0]);
            put_wide(&mut entry, &[0o100_644 << 16, u32::try_from(member.offset).unwrap_or(ELSEWHERE)]);
            entry.extend(member.name.as_bytes());
            if is_far {
                put(&mut entry, b"", &[1, 8]);
                entry.extend(member.offset.to_le_bytes());
            }
            self.send(&entry);
        }
        let (size, files) = (self.written - directory, self.listed.len());
        let mut last = Vec::new();
        if directory >= u64::from(ELSEWHERE) {
            put(&mut last, b"PK\x06\x06", &[]);
            last.extend(44_u64.to_le_bytes());
            put(&mut last, b"", &[3 << 8 | 45, 45]);
            put_wide(&mut last, &[0, 0]);
            for number in [files as u64, files as u64, size, directory] {
                last.extend(number.to_le_bytes());
            }
            put(&mut last, b"PK\x06\x07", &[]);
            put_wide(&mut last, &[0]);
            last.extend((directory + size).to_le_bytes());
            put_wide(&mut last, &[1]);
        }
        let files = u16::try_from(files).unwrap_or(u16::MAX);
        put(&mut last, b"PK\x05\x06", &[0, 0, files, files]);
        put_wide(&mut last, &[u32::try_from(size).unwrap_or(ELSEWHERE), u32::try_from(directory).unwrap_or(ELSEWHERE)]);
        put(&mut last, b"", &[0]);
        self.send(&last);
        Ok(())
    }

    /// Takes what is ready to be sent.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.ready)
    }

    fn send(&mut self, bytes: &[u8]) {
        self.ready.extend_from_slice(bytes);
        self.written += bytes.len() as u64;
    }

    fn end_file(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let rest = open.encoder.finish()?;
        self.send(&rest);
        let large = |_| io::Error::other("a file is larger than it can be");
        let compressed = u32::try_from(open.compressed + rest.len() as u64).map_err(large)?;
        let (crc, size) = (open.crc.sum(), u32::try_from(open.size).map_err(large)?);
        let mut tail = Vec::new();
        put(&mut tail, b"PK\x07\x08", &[]);
        put_wide(&mut tail, &[crc, compressed, size]);
        self.send(&tail);
        let sha256 = data_encoding::HEXLOWER.encode(&open.digest.finalize());
        self.listed.push(Listed { name: open.name.clone(), lines: open.lines, bytes: open.size, sha256 });
        self.members.push(Member { name: open.name, offset: open.offset, crc, compressed, size });
        Ok(())
    }
}

/// `audit_log.jsonl` goes on in `audit_log-2.jsonl`.
fn numbered(name: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    match stem.rsplit_once('-').and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?))) {
        Some((stem, number)) => format!("{stem}-{}.{ending}", number + 1),
        None => format!("{stem}-2.{ending}"),
    }
}

fn length(name: &str) -> u16 {
    u16::try_from(name.len()).unwrap_or(u16::MAX)
}

fn put(to: &mut Vec<u8>, mark: &[u8], numbers: &[u16]) {
    to.extend(mark);
    numbers.iter().for_each(|number| to.extend(number.to_le_bytes()));
}

fn put_wide(to: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| to.extend(number.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ready_can_be_taken_at_any_time() {
        let whole = |takes: bool| {
            let mut archive = Archive::new(Moment::EPOCH);
            let mut sent = Vec::new();
            for name in ["people.jsonl", "bills.jsonl"] {
                archive.begin(name).unwrap();
                for line in 0..1000 {
                    archive.write(format!("{{\"line\":{line}}}\n").as_bytes(), 1).unwrap();
                    if takes {
                        sent.extend(archive.take());
                    }
                }
            }
            let listed = archive.listed().unwrap().to_vec();
            archive.end().unwrap();
            sent.extend(archive.take());
            (sent, listed)
        };
        let ((sent, listed), (at_once, _)) = (whole(true), whole(false));
        assert_eq!(sent, at_once);
        assert_eq!((listed.len(), listed[1].lines, listed[0].bytes), (2, 1000, 12_890));
        assert_eq!(&sent[sent.len() - 22..sent.len() - 18], b"PK\x05\x06");
    }

    #[test]
    fn a_large_file_goes_on_in_another() {
        assert_eq!(numbered("audit_log.jsonl"), "audit_log-2.jsonl");
        assert_eq!(numbered("audit_log-2.jsonl"), "audit_log-3.jsonl");
    }
}
