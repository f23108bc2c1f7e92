//! The image cache of a backend: for each image a volume that belongs to the house's own project, of the smallest size
//! that holds it. Volumes from the image are clones of it then.
//!
//! A volume of the cache is made and removed by the operations that make and remove every volume, so nothing about it is
//! special but who asked. Its entry is written before it is asked for; whoever finds an entry without a volume removes it.

use ashlar_clients::glance::Image;
use ashlar_db::image_cache::{self, Entry};
use ashlar_db::{DbError, transact, volumes};
use ashlar_images::Format;
use ashlar_types::{Caller, Gib, PoolName, Volume, VolumeId, VolumeStatus};
use tokio::sync::Mutex;

use crate::create_volume::{self, ForCache};
use crate::{ApiContext, Refusal, delete_volume};

/// The cache of one backend.
pub struct ImageCache {
    /// For asking for volumes.
    operations: ApiContext,
    /// Who owns them.
    owner: Caller,
    /// Its bounds.
    limits: CacheLimits,
    /// One at a time looks for an entry and adds it when there is none.
    turn: Mutex<()>,
}

/// How much a cache may keep; 0 is no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheLimits {
    /// `image_volume_cache_max_size_gb`.
    pub max_gib: u64,
    /// `image_volume_cache_max_count`.
    pub max_count: u64,
}

/// What a volume is made from an image for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    /// The image.
    pub(crate) image: &'a Image,
    /// What it is declared to be.
    pub(crate) format: Format,
    /// Where the volume is to live.
    pub(crate) pool: &'a PoolName,
    /// Its row.
    pub(crate) volume: &'a Volume,
    /// The volume of the cache that was waited for.
    pub(crate) awaited: Option<VolumeId>,
}

/// What the cache can do for it.
#[derive(Debug)]
pub(crate) enum Found {
    /// Clone this one.
    Ready(Box<Volume>),
    /// This one is being made.
    Coming(VolumeId),
    /// Nothing.
    Nothing,
}

impl ImageCache {
    /// A cache whose volumes belong to `project` and `user`.
    #[must_use]
    pub fn new(
        operations: ApiContext,
        (project, user): (String, String),
        limits: CacheLimits,
    ) -> Self {
        let owner = Caller { project_id: project, user_id: user, ..Caller::internal() };
        Self { operations, owner, limits, turn: Mutex::new(()) }
    }

    /// Looks for the image; has it made when it is not there and fits.
    ///
    /// # Errors
    /// [`Refusal`]: the cache is of no use at this moment.
    pub(crate) async fn look(&self, wanted: &Wanted<'_>) -> Result<Found, Refusal> {
        let _turn = self.turn.lock().await;
        let db = &self.operations.db;
        let now = self.operations.clock.now();
        let mut tx = db.read().await?;
        let entry = image_cache::get(&mut tx, wanted.pool, wanted.image.id).await?;
        let kept = match &entry {
            Some(entry) => volumes::get(&mut tx, entry.volume).await?,
            None => None,
        };
        drop(tx);
        if let Some(entry) = entry {
            match kept {
                // Asked for before the image changed. Whoever asks now needs the entry.
                Some(_) if entry.image_updated_at > wanted.image.updated_at => {
                    return Ok(Found::Nothing);
                }
                Some(kept) if is_coming(kept.status) => return Ok(Found::Coming(kept.id)),
                Some(kept) if is_usable(&kept, &entry, wanted) => {
                    if kept.size > wanted.volume.size {
                        return Ok(Found::Nothing);
                    }
                    let touched: Result<_, DbError> =
                        transact!(db, tx => image_cache::touch(tx, kept.id, now).await);
                    touched?;
                    return Ok(Found::Ready(Box::new(kept)));
                }
                // Of an older image, or it failed, or it is being removed.
                _ if self.drop_entry(&entry).await? => {}
                _ => return Ok(Found::Nothing),
            }
        }
        if wanted.awaited.is_some() {
            // It came to nothing once. Filling the volume itself will say why.
            return Ok(Found::Nothing);
        }
        self.ask_for(wanted).await
    }

    /// Has a volume made, unless it would not fit.
    async fn ask_for(&self, wanted: &Wanted<'_>) -> Result<Found, Refusal> {
        let size = size_of(wanted);
        if !self.make_room(wanted.pool, size).await? {
            return Ok(Found::Nothing);
        }
        let (db, image) = (&self.operations.db, wanted.image);
        let entry = Entry {
            host: wanted.pool.clone(),
            image: image.id,
            image_updated_at: image.updated_at,
            volume: VolumeId::random(),
            size,
            last_used: self.operations.clock.now(),
        };
        let added: Result<_, DbError> = transact!(db, tx => image_cache::insert(tx, &entry).await);
        added?;
        let request = create_volume::Request {
            name: Some(format!("image-{}", image.id)),
            size: Some(size),
            volume_type: wanted.volume.volume_type_id.map(|id| id.to_string()),
            availability_zone: wanted.volume.availability_zone.clone(),
            for_cache: Some(ForCache {
                volume: entry.volume,
                image: Box::new(image.clone()),
                pool: wanted.pool.clone(),
            }),
            ..create_volume::Request::default()
        };
        match Box::pin(create_volume::accept(&self.operations, &self.owner, request)).await {
            Ok(made) => Ok(Found::Coming(made.volume.id)),
            Err(refusal) => {
                self.forget(entry.volume).await?;
                Err(refusal)
            }
        }
    }

    /// Removes what was not used for longest until there is room; answers whether there is.
    async fn make_room(&self, pool: &PoolName, size: Gib) -> Result<bool, Refusal> {
        let CacheLimits { max_gib, max_count } = self.limits;
        if max_gib > 0 && size.0 > max_gib {
            return Ok(false);
        }
        let mut tx = self.operations.db.read().await?;
        let entries = image_cache::of_host(&mut tx, pool).await?;
        drop(tx);
        let mut gib = size.0 + entries.iter().map(|entry| entry.size.0).sum::<u64>();
        let mut count = 1 + entries.len() as u64;
        let fits =
            |gib, count| (max_gib == 0 || gib <= max_gib) && (max_count == 0 || count <= max_count);
        for oldest in entries.iter().rev() {
            if fits(gib, count) {
                break;
            }
            if self.drop_entry(oldest).await? {
                gib -= oldest.size.0;
                count -= 1;
            }
        }
        Ok(fits(gib, count))
    }

    /// The volume goes, and its entry with it; answers whether they did. A volume that cannot be removed now, because
    /// it is still being made or somebody uses it, keeps its entry: without one nobody would ever remove it.
    async fn drop_entry(&self, entry: &Entry) -> Result<bool, Refusal> {
        let how = delete_volume::How::default();
        match delete_volume::accept(&self.operations, &self.owner, entry.volume, how).await {
            Ok(()) | Err(Refusal::NotFound { .. }) => {}
            Err(Refusal::Database(error)) => return Err(error.into()),
            Err(refusal) => {
                tracing::info!(volume = %entry.volume, %refusal, "cannot leave the image cache now");
                return Ok(false);
            }
        }
        self.forget(entry.volume).await?;
        Ok(true)
    }

    async fn forget(&self, volume: VolumeId) -> Result<(), DbError> {
        transact!(self.operations.db, tx => image_cache::remove(tx, volume).await)
    }
}

fn is_coming(status: VolumeStatus) -> bool {
    matches!(status, VolumeStatus::Creating | VolumeStatus::Downloading)
}

/// The volume has what Glance has today, where the new one is to be.
fn is_usable(kept: &Volume, entry: &Entry, wanted: &Wanted<'_>) -> bool {
    kept.status == VolumeStatus::Available
        && kept.host.as_ref() == Some(wanted.pool)
        && entry.image_updated_at == wanted.image.updated_at
}

/// The smallest volume that holds the image; the one that is wanted when it cannot be known.
fn size_of(wanted: &Wanted<'_>) -> Gib {
    let image = wanted.image;
    let plain = image.size.filter(|_| wanted.format.is_plain());
    let Some(bytes) = image.virtual_size.or(plain) else { return wanted.volume.size };
    Gib(bytes.div_ceil(1 << 30).max(image.min_disk).max(1)).min(wanted.volume.size)
}
