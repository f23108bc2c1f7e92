//! `os-initialize_connection`: the older way to connect a host, which has no attachment yet.

use ashlar_db::{answers, transact};
use ashlar_flow::{BoxFuture, NewFlow};
use ashlar_types::{Caller, ConnectionInfo, Connector, FlowId, Volume, VolumeId, VolumeStatus};

use super::find::GOING;
use super::run::{self, Accept, Accepting};
use super::{connect, connector};
use crate::{ApiContext, Refusal};

/// Connects the host and answers what it must know. The volume's statuses stay: `os-reserve` and `os-attach` set them.
///
/// # Errors
/// 404; 400 in maintenance, while the volume is being removed, and when the connector does not do; 500 when the backend
/// fails; 503 when its end cannot be waited for.
pub async fn initialize_connection(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
    connector: Connector,
) -> Result<ConnectionInfo, Refusal> {
    connector::check(&connector)?;
    let flow = FlowId::fresh();
    let asked = connect::Asked { flow, attachment: None, connector, alone: false };
    let _waits = run::store(cx, caller, volume, Initialize(asked)).await?;
    connect::connected(cx, flow, "Unable to fetch connection information from backend").await?;
    let told = transact!(cx.db, tx => answers::take(tx, flow).await).map_err(Refusal::Database)?;
    let told = told.and_then(|text| serde_json::from_str(&text).ok());
    told.ok_or_else(|| {
        Refusal::Failed(format!(
            "The connection information of operation {flow} is gone; ask again."
        ))
    })
}

struct Initialize(connect::Asked);

impl Accept for Initialize {
    fn store<'a>(
        &'a self,
        to: Accepting<'a>,
        volume: Volume,
    ) -> BoxFuture<'a, Result<Option<NewFlow>, Refusal>> {
        Box::pin(async move {
            let status = volume.status;
            if status == VolumeStatus::Maintenance {
                return Err(Refusal::invalid_volume(
                    "The volume connection cannot be initialized in maintenance mode.",
                ));
            }
            if GOING.contains(&status) {
                return Err(Refusal::invalid_volume(format!(
                    "The volume connection cannot be initialized while the volume is {status}."
                )));
            }
            let Accepting { cx, tx, caller, at, now } = to;
            connect::store(cx, tx, caller, (&volume, &self.0), at, now).await.map(Some)
        })
    }
}
