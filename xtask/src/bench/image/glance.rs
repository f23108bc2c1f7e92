//! A stand-in for Glance that hands images out as fast as the kernel can: what is measured is the other side.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use anyhow::Result;
use rustix::fs::sendfile;
use serde_json::{Value, json};

use super::pictures::{Picture, Pictures};

/// The most that the kernel is asked to send at once.
const STRETCH: usize = 16 << 20;

/// Where it listens; it ends with this program.
pub(super) struct Glance {
    url: String,
}

/// An image under any identity that begins with its mark.
struct Offer {
    mark: &'static str,
    path: std::path::PathBuf,
    length: u64,
    described: Value,
}

impl Offer {
    fn described_as(&self, id: &str) -> String {
        let mut described = self.described.clone();
        described["id"] = Value::from(id);
        described.to_string()
    }
}

impl Glance {
    /// Serves the pictures on loopback.
    pub(super) fn serve(pictures: &Pictures) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let offers: Arc<[Offer]> = pictures.all().iter().map(offer).collect();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let offers = Arc::clone(&offers);
                thread::spawn(move || answer(stream, &offers));
            }
        });
        Ok(Self { url })
    }

    /// Its address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

fn offer(picture: &Picture) -> Offer {
    let described = json!({
        "name": picture.name, "status": "active", "visibility": "public",
        "disk_format": picture.format, "container_format": "bare", "size": picture.length,
        "min_disk": 0, "min_ram": 0, "os_hash_algo": "sha512", "os_hash_value": picture.digest,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "protected": false, "os_hidden": false, "owner": Value::Null, "checksum": Value::Null,
    });
    Offer { mark: picture.mark, path: picture.path.clone(), length: picture.length, described }
}

/// Answers requests until the other side hangs up.
fn answer(mut stream: TcpStream, offers: &[Offer]) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
        let mut line = String::new();
        while reader.read_line(&mut line).ok()? > 2 {
            line.clear();
        }
        let path = first.split(' ').nth(1)?.trim_start_matches("/v2/images/");
        let (id, file) = match path.strip_suffix("/file") {
            Some(id) => (id, true),
            None => (path, false),
        };
        match offers.iter().find(|offer| id.starts_with(offer.mark)) {
            Some(offer) if file => send(&mut stream, offer)?,
            Some(offer) => say(&mut stream, "200 OK", "application/json", &offer.described_as(id))?,
            None => say(&mut stream, "404 Not Found", "text/plain", "")?,
        }
    }
}

fn say(stream: &mut TcpStream, status: &str, kind: &str, body: &str) -> Option<()> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).ok()
}

fn send(stream: &mut TcpStream, offer: &Offer) -> Option<()> {
    let length = offer.length;
    let kind = "application/octet-stream";
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let file = File::open(&offer.path).ok()?;
    let mut at = 0;
    while at < length {
        let want = usize::try_from(length - at).unwrap_or(STRETCH).min(STRETCH);
        // The offset moves along by itself.
        sendfile(&*stream, &file, Some(&mut at), want).ok().filter(|sent| *sent > 0)?;
    }
    Some(())
}
