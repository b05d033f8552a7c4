//! The export as a download, made while it is sent.

use actix_web::web::Bytes;
use futures_util::stream::{self, StreamExt};

use super::archive::Archive;
use super::{Manifest, Part, lines, note};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageOwnership};
use crate::base::moment::Moment;
use crate::features::audit::seal::PublicKeys;
use crate::web::{Answer, Reply};

/// An export that is being sent.
struct Sending {
    actor: Actor<ManageOwnership>,
    archive: Archive,
    begun: Moment,
    left: std::slice::Iter<'static, Part>,
    /// The part that is being written, and the key that its next lines begin after.
    now: Option<(Part, Option<String>)>,
    is_over: bool,
}

impl Sending {
    /// The next bytes: those of one page of rows, or of a few when they are not enough to be compressed.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Failure> {
        loop {
            match (self.now.take(), self.is_over) {
                (Some((part, after)), _) => {
                    let read = self.actor.read_on(move |tx| lines(tx, part, after.as_deref())).await?;
                    self.archive.write(&read.text, read.count).map_err(unwritten)?;
                    self.now = read.next.map(|key| (part, Some(key)));
                }
                (None, true) => return Ok(None),
                (None, false) => match self.left.next() {
                    Some(part) => {
                        self.archive.begin(&part.file()).map_err(unwritten)?;
                        self.now = Some((*part, None));
                    }
                    None => {
                        self.end().map_err(unwritten)?;
                        self.is_over = true;
                    }
                },
            }
            let ready = self.archive.take();
            if !ready.is_empty() {
                return Ok(Some((ready.into(), self)));
            }
        }
    }

    /// The manifest, and the end of the archive.
    fn end(&mut self) -> std::io::Result<()> {
        let organization = &self.actor.identity().organization_name;
        let keys = PublicKeys::of(self.actor.app().store.keys());
        let manifest = Manifest::new(organization, self.begun, &keys, self.archive.listed()?);
        let mut text = serde_json::to_vec_pretty(&manifest)?;
        text.push(b'\n');
        self.archive.begin("manifest.json")?;
        self.archive.write(&text, 0)?;
        self.archive.end()
    }
}

/// `POST /iam/organization/deletion/export`. It is on record before the first row leaves.
pub async fn export(actor: Actor<ManageOwnership>) -> Reply {
    actor.write(note).await?;
    let begun = actor.app().clock().now();
    let today = begun.utc().with_timezone(&actor.identity().zone()).date_naive();
    let name = format!("{}-export-{today}.zip", actor.identity().organization_name);
    let archive = Archive::new(begun);
    let sending = Sending { actor, archive, begun, left: Part::ALL.iter(), now: None, is_over: false };
    // What fails at the first rows is still told by a page.
    let Some((first, sending)) = sending.next().await? else {
        return Err(Failure::Internal("an export without a beginning".to_owned()));
    };
    let rest = stream::try_unfold(sending, |sending| async move {
        sending.next().await.inspect_err(|cause| tracing::error!(%cause, "an export broke off"))
    });
    Ok(Answer::download("application/zip", &name, stream::iter([Ok(first)]).chain(rest)).uncompressed())
}

fn unwritten(cause: std::io::Error) -> Failure {
    Failure::Internal(format!("an archive could not be written: {cause}"))
}
