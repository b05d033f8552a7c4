//! Files made by others are as they came.

use data_encoding::BASE64;
use sha2::{Digest, Sha384};

#[test]
fn vendored_files_are_unchanged() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor");
    let told: toml::Table = std::fs::read_to_string(folder.join("VENDOR.toml")).unwrap().parse().unwrap();
    let mut named = vec!["VENDOR.toml".to_owned()];
    for file in told["file"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let digest = BASE64.encode(&Sha384::digest(std::fs::read(folder.join(path)).unwrap()));
        assert_eq!(file["sha384"].as_str(), Some(digest.as_str()), "{path} was changed");
        named.push(path.to_owned());
    }
    let there = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for name in there {
        assert!(named.contains(&name), "VENDOR.toml does not name {name}");
    }
}
