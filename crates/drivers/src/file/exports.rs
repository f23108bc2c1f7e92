//! How hosts reach the files: each call in its volume's turn, so that no file goes away under an export.

use std::os::fd::AsFd as _;
use std::sync::Arc;

use ashlar_types::{ConnectionInfo, Connector, Export};

use super::{Shared, directory, fault, order, to_the_end};
use crate::driver::{Answer, Kind, VolumeRef};
use crate::error::DriverError;
use crate::refusal;

impl Shared {
    /// Exports the volume's file as it is now.
    async fn ensure_export(
        self: &Arc<Self>,
        name: String,
        kept: Option<Export>,
    ) -> Result<Option<Export>, DriverError> {
        let _turn = self.turns.take(&name).await;
        let length = self.length_of(name.clone()).await?;
        self.exporter.ensure(&name, &self.path.join(&name), length, kept.as_ref()).await
    }

    /// Exports it no more.
    async fn destroy_export(&self, name: &str) -> Result<(), DriverError> {
        let _turn = self.turns.take(name).await;
        self.end_export(name).await
    }

    /// The same, for who has the turn.
    pub(super) async fn end_export(&self, name: &str) -> Result<(), DriverError> {
        self.exporter.destroy(name, &self.path.join(name)).await
    }

    async fn length_of(self: &Arc<Self>, name: String) -> Result<u64, DriverError> {
        self.on_directory(move |directory| {
            let file = directory.file(&name)?.ok_or_else(|| order::not_found(&name))?;
            directory::length(file.as_fd())
                .map_err(|errno| fault::fault(&format!("measure {name}"), errno))
        })
        .await
    }
}

/// `Driver::ensure_export`.
pub(super) fn ensure(
    shared: &Arc<Shared>,
    volume: VolumeRef<'_>,
    kept: Option<&Export>,
) -> Answer<'static, Option<Export>> {
    let (shared, name, kept) = (Arc::clone(shared), checked(volume), kept.cloned());
    to_the_end(async move { shared.ensure_export(name?, kept).await })
}

/// `Driver::destroy_export`.
pub(super) fn destroy(shared: &Arc<Shared>, volume: VolumeRef<'_>) -> Answer<'static, ()> {
    let (shared, name) = (Arc::clone(shared), checked(volume));
    to_the_end(async move { shared.destroy_export(&name?).await })
}

/// `Driver::connect`.
pub(super) fn connect(
    shared: &Arc<Shared>,
    volume: VolumeRef<'_>,
    export: Option<&Export>,
    connector: &Connector,
) -> Answer<'static, ConnectionInfo> {
    let (shared, name) = (Arc::clone(shared), checked(volume));
    let (export, connector) = (export.cloned(), connector.clone());
    to_the_end(async move {
        let name = name?;
        let _turn = shared.turns.take(&name).await;
        shared.length_of(name.clone()).await?;
        let path = shared.path.join(&name);
        shared.exporter.connect(&name, &path, export.as_ref(), &connector).await
    })
}

/// `Driver::disconnect`.
pub(super) fn disconnect(
    shared: &Arc<Shared>,
    volume: VolumeRef<'_>,
    connector: Option<&Connector>,
) -> Answer<'static, ()> {
    let (shared, name, connector) = (Arc::clone(shared), checked(volume), connector.cloned());
    to_the_end(async move {
        let name = name?;
        let _turn = shared.turns.take(&name).await;
        shared.exporter.disconnect(&name, &shared.path.join(&name), connector.as_ref()).await
    })
}

fn checked(volume: VolumeRef<'_>) -> Result<String, DriverError> {
    refusal::check(Kind::Volume, volume.name).map(|()| volume.name.to_owned())
}
