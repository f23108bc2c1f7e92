//! A gate before the broker: what is said to it goes through, and what it answers can be held back, as by a broker that is
//! busy or a network that has failed on the way back.

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch::{Receiver, Sender, channel};

/// The gate. It stands open at first.
pub(super) struct Gate {
    /// Where it is, on the loopback interface.
    pub(super) port: u16,
    is_shut: Sender<bool>,
}

impl Gate {
    /// A gate before this port.
    pub(super) async fn before(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let own = listener.local_addr().expect("it has an address").port();
        let (is_shut, hears) = channel(false);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(broker) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
                    continue;
                };
                let (mut from_client, to_client) = client.into_split();
                let (from_broker, mut to_broker) = broker.into_split();
                tokio::spawn(async move { copy(&mut from_client, &mut to_broker).await });
                tokio::spawn(pass_back(from_broker, to_client, hears.clone()));
            }
        });
        Self { port: own, is_shut }
    }

    /// Holds answers back from now on.
    pub(super) fn shut(&self) {
        self.is_shut.send_replace(true);
    }

    /// Lets go of them.
    pub(super) fn open(&self) {
        self.is_shut.send_replace(false);
    }
}

async fn pass_back(
    mut from_broker: OwnedReadHalf,
    mut to_client: OwnedWriteHalf,
    mut is_shut: Receiver<bool>,
) {
    let mut bytes = vec![0; 4096];
    while let Ok(length @ 1..) = from_broker.read(&mut bytes).await {
        let is_open = is_shut.wait_for(|is_shut| !is_shut).await.is_ok();
        if !is_open || to_client.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
