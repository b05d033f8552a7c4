//! One target under libFuzzer: `FUZZ_TARGET` names it, `FUZZ_CORPUS` is the folder that it starts from and adds to.
//! Without a target, prints their names. `scripts/fuzz` runs them all.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::{TARGETS, Target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| {
        TARGETS.iter().for_each(|target| println!("{} {}", target.name, target.share));
        std::process::exit(i32::from(!name.is_empty()));
    })
});

// The fuzzer reads the corpus after this.
fn write_seeds() {
    let target = *TARGET;
    let Some(folder) = std::env::var_os("FUZZ_CORPUS").map(std::path::PathBuf::from) else { return };
    for (number, seed) in (target.seeds)().into_iter().enumerate() {
        let written = std::fs::write(folder.join(format!("seed-{number:03}")), seed);
        written.unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()));
    }
}

fuzz_target!(init: write_seeds(), |data: &[u8]| (TARGET.run)(data));
