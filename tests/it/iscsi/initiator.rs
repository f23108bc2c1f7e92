//! Initiators in user space: libiscsi's tools and qemu's.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ashlar_drivers::export::testing::{Tgtd, program};
use serde_json::Value;

/// Bytes that are written and read at a time.
const CHUNK: u64 = 4 << 20;

/// Where a volume is, and the account for it.
#[derive(Clone, PartialEq)]
pub(super) struct Place {
    portal: String,
    iqn: String,
    user: String,
    pub(super) password: String,
}

impl Place {
    /// Out of what a host is told, which is in the words of os-brick: flat in the API, with `data` in the driver.
    pub(super) fn of(info: &Value) -> Self {
        let data = info.get("data").unwrap_or(info);
        let text = |key: &str| data[key].as_str().unwrap_or_else(|| panic!("no {key}")).to_owned();
        assert_eq!(info["driver_volume_type"], "iscsi");
        assert_eq!(data["target_discovered"], false);
        assert_eq!(data["target_lun"], 1);
        assert_eq!(data["auth_method"], "CHAP");
        let password = text("auth_password");
        assert!(password.len() >= 20, "a password that is hard to guess");
        Self {
            portal: text("target_portal"),
            iqn: text("target_iqn"),
            user: text("auth_username"),
            password,
        }
    }

    /// The same volume with another password.
    pub(super) fn with(&self, password: &str) -> Self {
        Self { password: password.to_owned(), ..self.clone() }
    }

    fn url(&self) -> String {
        let account = match self.user.as_str() {
            "" => String::new(),
            user => format!("{user}%{}@", self.password),
        };
        format!("iscsi://{account}{}/{}/1", self.portal, self.iqn)
    }
}

/// Without the password.
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.portal, self.iqn)
    }
}

/// The programs.
pub(super) struct Initiator {
    qemu_io: PathBuf,
    qemu_img: PathBuf,
    inquiry: PathBuf,
    conformance: PathBuf,
}

impl Initiator {
    /// `None` where one of them is missing, or qemu's cannot do iSCSI.
    pub(super) fn find() -> Option<Self> {
        let found = Self {
            qemu_io: program("qemu-io")?,
            qemu_img: program("qemu-img")?,
            inquiry: program("iscsi-inq")?,
            conformance: program("iscsi-test-cu")?,
        };
        program("tgtadm")?;
        let nowhere = "iscsi://127.0.0.1:1/iqn.x:none/1";
        let said = run(Command::new(&found.qemu_img).args(["info", nowhere]));
        let unknown = String::from_utf8_lossy(&said.stderr).contains("Unknown protocol");
        (!unknown).then_some(found)
    }

    /// Writes so many bytes of `pattern` at `offset`, flushed.
    pub(super) fn write(&self, place: &Place, offset: u64, pattern: u8) {
        let command = format!("write -P {pattern:#x} {offset} {CHUNK}");
        let said = self.qemu(place, &[&command, "flush"]);
        assert!(succeeded(&said), "{place:?}: {}", text(&said));
    }

    /// Whether the bytes at `offset` are all `pattern`.
    pub(super) fn reads(&self, place: &Place, offset: u64, pattern: u8) -> Result<(), String> {
        let command = format!("read -P {pattern:#x} {offset} {CHUNK}");
        let said = self.qemu(place, &[&command]);
        if succeeded(&said) { Ok(()) } else { Err(text(&said)) }
    }

    fn qemu(&self, place: &Place, commands: &[&str]) -> Output {
        let mut command = Command::new(&self.qemu_io);
        command.args(["-f", "raw"]);
        for line in commands {
            command.args(["-c", line]);
        }
        run(command.arg(place.url()))
    }

    /// Checks that the volume has the bytes of the file.
    pub(super) fn same(&self, place: &Place, file: &Path) {
        let copy = file.with_extension("copy");
        let convert = ["convert", "-f", "raw", "-O", "raw"];
        let said = run(Command::new(&self.qemu_img).args(convert).arg(place.url()).arg(&copy));
        assert!(said.status.success(), "{}", text(&said));
        let compare = ["compare", "-f", "raw", "-F", "raw"];
        let said = run(Command::new(&self.qemu_img).args(compare).args([file, copy.as_path()]));
        assert!(said.status.success(), "{}", text(&said));
        std::fs::remove_file(copy).expect("the copy can be removed");
    }

    /// Whether the target lets the account in and answers.
    pub(super) fn gets_in(&self, place: &Place) -> bool {
        run(Command::new(&self.inquiry).arg(place.url())).status.success()
    }

    /// How many of libiscsi's tests of targets pass.
    pub(super) fn conformance(&self, place: &Place) -> u64 {
        let arguments = ["--dataloss", "--test=ALL"];
        let said = run(Command::new(&self.conformance).args(arguments).arg(place.url()));
        let said = text(&said);
        let summary = said.split("Run Summary:").nth(1).unwrap_or_default();
        let tests = summary.lines().map(str::trim).find_map(|line| line.strip_prefix("tests "));
        // total, ran, passed
        let passed = tests.and_then(|line| line.split_whitespace().nth(2)?.parse().ok());
        passed.unwrap_or_else(|| panic!("no summary: {said}"))
    }
}

/// A target of 1 GiB as its manual says, with nothing set but what must be.
pub(super) fn plain_target(tgtd: &Tgtd, file: &Path) -> Place {
    let made = std::fs::File::create(file).and_then(|file| file.set_len(1 << 30));
    made.expect("a file can be made");
    let iqn = "iqn.2026-01.test:plain".to_owned();
    let path = file.to_str().expect("a temporary path is text");
    let target = ["--mode", "target", "--tid", "1"];
    let unit = ["--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", path];
    for arguments in [
        [&target[..], &["--op", "new", "-T", &iqn]].concat(),
        [&unit[..], &["--bstype", "rdwr"]].concat(),
        // As the tests of UNMAP must have something to test.
        [
            "--mode",
            "logicalunit",
            "--op",
            "update",
            "--tid",
            "1",
            "--lun",
            "1",
            "--params",
            "thin_provisioning=1",
        ]
        .to_vec(),
        [&target[..], &["--op", "bind", "-I", "ALL"]].concat(),
    ] {
        let said = tgtadm(tgtd, &arguments);
        assert!(said.status.success(), "{}", text(&said));
    }
    let portal = format!("127.0.0.1:{}", tgtd.port());
    Place { portal, iqn, user: String::new(), password: String::new() }
}

/// What tgt's own tool says of all targets.
pub(super) fn targets(tgtd: &Tgtd) -> String {
    let said = tgtadm(tgtd, &["--mode", "target", "--op", "show"]);
    assert!(said.status.success(), "{}", text(&said));
    String::from_utf8_lossy(&said.stdout).into_owned()
}

fn tgtadm(tgtd: &Tgtd, arguments: &[&str]) -> Output {
    let mut command = Command::new(program("tgtadm").expect("it was found"));
    command.env("TGT_IPC_SOCKET", tgtd.socket()).args(["--lld", "iscsi"]);
    run(command.args(arguments))
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()))
}

/// qemu-io ends well although a pattern differs, and says so.
fn succeeded(said: &Output) -> bool {
    said.status.success() && !text(said).contains("failed")
}

fn text(said: &Output) -> String {
    [&said.stdout, &said.stderr].map(|part| String::from_utf8_lossy(part)).concat()
}
