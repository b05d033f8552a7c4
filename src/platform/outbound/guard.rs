//! The resolver under the client: what it gives is what is dialled, and one address that is refused refuses the name.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Allowances, Forbidden, Trust};

/// The addresses of a name, when they are known.
pub type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Names and connections: the machine's own, but for tests, which count both.
pub trait Network: Debug + Send + Sync + 'static {
    /// The addresses of a name.
    fn lookup(&self, host: String) -> Looking;

    /// Where an address that passed is dialled; port 0 stands for the URL's.
    fn dial(&self, passed: IpAddr) -> SocketAddr {
        SocketAddr::new(passed, 0)
    }
}

/// The machine's network.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Network for System {
    fn lookup(&self, host: String) -> Looking {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

#[derive(Debug)]
pub(super) struct Guard {
    allowances: Arc<Allowances>,
    network: Arc<dyn Network>,
    trust: Trust,
}

impl Guard {
    pub(super) fn new(allowances: Arc<Allowances>, network: Arc<dyn Network>, trust: Trust) -> Self {
        Self { allowances, network, trust }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowances, network, trust) = (self.allowances.clone(), self.network.clone(), self.trust);
        Box::pin(async move {
            let found = network.lookup(name.as_str().to_owned()).await?;
            // All or none: of several answers the private one would be tried sooner or later.
            if !found.iter().all(|address| allowances.passes(trust, *address)) {
                return Err(Forbidden::NotPublic.into());
            }
            let dialled: Vec<SocketAddr> = found.into_iter().map(|address| network.dial(address)).collect();
            Ok(Box::new(dialled.into_iter()) as Addrs)
        })
    }
}
