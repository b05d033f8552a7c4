//! What was made by others is unchanged, and what browsers load stays small.

use std::collections::BTreeSet;
use std::io::Write;

use sha2::{Digest, Sha384};

use super::sources::{none, root};

/// Folders with a `VENDOR.toml`, and the folder its paths are relative to.
const RECORDS: &[(&str, &str)] =
    &[("static/vendor/VENDOR.toml", "static"), ("tests/browser/vendor/VENDOR.toml", "tests/browser/vendor")];

#[test]
fn vendored_files_are_what_their_record_says() {
    let mut faults = Vec::new();
    for (record, folder) in RECORDS {
        let Ok(text) = std::fs::read_to_string(root().join(record)) else {
            continue;
        };
        let table: toml::Table = text.parse().unwrap();
        let files = table["file"].as_array().expect("a list of files");
        let mut recorded = BTreeSet::new();
        for file in files {
            let said = |name: &str| file.get(name).and_then(toml::Value::as_str).unwrap_or_default();
            for name in ["path", "name", "version", "licence", "source", "sha384"] {
                if said(name).is_empty() {
                    faults.push(format!("{record}: {} without {name}", said("path")));
                }
            }
            let path = root().join(folder).join(said("path"));
            recorded.insert(path.clone());
            let bytes = std::fs::read(&path).unwrap_or_default();
            let sum = data_encoding::BASE64.encode(&Sha384::digest(&bytes));
            if sum != said("sha384").trim_start_matches("sha384-") {
                faults.push(format!("{} has sha384 {sum}", path.display()));
            }
        }
        let vendor = root().join(record);
        for entry in std::fs::read_dir(vendor.parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            if path != vendor && !recorded.contains(&path) {
                faults.push(format!("{} is on no record", path.display()));
            }
        }
    }
    none(faults, "vendored files");
    assert!(root().join(RECORDS[0].0).is_file());
}

/// gzip is what is sent; it is up to 20 % larger than brotli, in which the limit counts.
#[test]
fn what_browsers_load_stays_within_its_budget() {
    let mut faults = Vec::new();
    for (file, brotli) in
        [("console.css", 8), ("app.js", 2), ("drafts.js", 1), ("icons.svg", 3), ("vendor/htmx-4.0.1.min.js", 12)]
    {
        let bytes = std::fs::read(root().join("static").join(file)).unwrap();
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        zip.write_all(&bytes).unwrap();
        let (size, most) = (zip.finish().unwrap().len(), brotli * 1024 * 120 / 100);
        if size > most {
            faults.push(format!("{file}: {size} bytes in gzip, {most} at most"));
        }
    }
    none(faults, "static files");
}
