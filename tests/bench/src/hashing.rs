//! Argon2id with the parameters of the product's preset and nothing around it: what no login can beat.

use std::time::{Duration, Instant};

use argon2::password_hash::phc::{self, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::Outcome;

/// Memory of one hash in MiB.
pub const MEMORY_MIB: f64 = 19.0;

fn parameters() -> Outcome<Params> {
    Params::new(19_456, 2, 1, Some(32)).map_err(|cause| cause.to_string().into())
}

fn hash(parameters: &Params, password: &[u8], salt: &[u8], memory: &mut [Block]) -> Outcome<[u8; 32]> {
    let mut output = [0; 32];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone());
    argon2.hash_password_into_with_memory(password, salt, &mut output, memory).map_err(|cause| cause.to_string())?;
    Ok(output)
}

/// Hashes a second on all cores, one buffer for each.
pub fn rate(span: Duration) -> Outcome<f64> {
    let deadline = Instant::now() + span;
    let count = || -> Result<f64, String> {
        let parameters = parameters().map_err(|cause| cause.to_string())?;
        let mut memory = vec![Block::default(); parameters.block_count()];
        let (began, mut hashes) = (Instant::now(), 0);
        while Instant::now() < deadline {
            hash(&parameters, b"a password of the bench", b"0123456789abcdef", &mut memory)
                .map_err(|cause| cause.to_string())?;
            hashes += 1;
        }
        Ok(f64::from(hashes) / began.elapsed().as_secs_f64())
    };
    let rates = std::thread::scope(|scope| {
        let running: Vec<_> = (0..crate::machine::cores()).map(|_| scope.spawn(count)).collect();
        let rates: Vec<_> =
            running.into_iter().map(|one| one.join().map_err(|_| "a hashing thread panicked".to_owned())?).collect();
        rates.into_iter().sum::<Result<f64, String>>()
    });
    Ok(rates?)
}

/// A stored hash as the product makes it. The accounts of the bench share it; verifying costs the same.
pub fn stored(password: &str) -> Outcome<String> {
    let (parameters, salt) = (parameters()?, b"0123456789abcdef");
    let output = hash(&parameters, password.as_bytes(), salt, &mut vec![Block::default(); parameters.block_count()])?;
    let readable = |cause: &dyn std::fmt::Display| cause.to_string();
    let phc = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&parameters).map_err(|cause| readable(&cause))?,
        salt: Some(Salt::new(salt).map_err(|cause| readable(&cause))?),
        hash: Some(phc::Output::new(&output).map_err(|cause| readable(&cause))?),
    };
    Ok(phc.to_string())
}
