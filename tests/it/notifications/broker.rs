//! A RabbitMQ of a test's own, on the loopback interface, with its own node, data and port mapper.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ashlar_testkit::wait::PATIENCE;
use tempfile::TempDir;

/// Where `cargo xtask test` has found the program.
const VARIABLE: &str = "ASHLAR_TEST_RABBITMQ";

/// The broker. Dropping it stops it.
pub(super) struct Broker {
    program: PathBuf,
    place: TempDir,
    /// Its own, that of the port mapper, and that on which nodes speak.
    ports: [u16; 3],
    mapper: Child,
    server: Option<Child>,
}

impl Broker {
    /// Starts one, or says that there is none.
    pub(super) fn start() -> Option<Self> {
        let Some(program) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
            tell("left out: it needs RabbitMQ; `cargo xtask test` says where it is");
            return None;
        };
        let place = tempfile::Builder::new().prefix("ashlar-rabbit-").tempdir().expect("made");
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("opened");
        if let Some((uid, gid)) = account() {
            chown(place.path(), Some(uid), Some(gid)).expect("given away");
        }
        let ports = free_ports();
        let mut mapper = Command::new("epmd");
        mapper.args(["-address", "127.0.0.1", "-port", &ports[1].to_string()]);
        let mapper = quiet(&mut mapper).spawn().expect("epmd comes with RabbitMQ");
        let mut broker = Self { program, place, ports, mapper, server: None };
        broker.resume();
        Some(broker)
    }

    /// Its port for clients, on the loopback interface.
    pub(super) fn port(&self) -> u16 {
        self.ports[0]
    }

    /// Where it is. Its only user is RabbitMQ's own guest; queues survive a restart.
    pub(super) fn url(&self) -> String {
        url(self.port())
    }

    /// Starts it, with what it kept.
    pub(super) fn resume(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.place.path().join("output"))
            .expect("a file for its output");
        let mut command = self.command(&self.program);
        command.stdout(log.try_clone().expect("a second handle")).stderr(log).process_group(0);
        self.server = Some(command.spawn().expect("it can be started"));
        self.wait_until_it_answers();
    }

    /// Runs `rabbitmqctl` on it.
    pub(super) fn control(&self, arguments: &[&str]) {
        let mut command = self.command(&self.program.with_file_name("rabbitmqctl"));
        let said = command.args(arguments).output().expect("it comes with RabbitMQ");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    }

    /// One of RabbitMQ's programs, told of this node and of nothing else that is on this machine.
    fn command(&self, program: &Path) -> Command {
        let place = self.place.path();
        let path = |name: &str| place.join(name).display().to_string();
        let mut command = Command::new(program);
        command
            .env("HOME", place)
            .env("ERL_EPMD_PORT", self.ports[1].to_string())
            .env("RABBITMQ_NODENAME", format!("ashlar{}@localhost", self.ports[0]))
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", self.ports[0].to_string())
            .env("RABBITMQ_DIST_PORT", self.ports[2].to_string())
            .env("RABBITMQ_MNESIA_BASE", path("mnesia"))
            .env("RABBITMQ_LOG_BASE", path("log"))
            .env("RABBITMQ_PID_FILE", path("pid"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins"))
            .env("RABBITMQ_CONFIG_FILE", path("rabbitmq"))
            .env("RABBITMQ_CONF_ENV_FILE", path("rabbitmq-env.conf"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", path("advanced"))
            .current_dir(place)
            .stdin(Stdio::null());
        if let Some((uid, gid)) = account() {
            command.uid(uid).gid(gid);
        }
        command
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the test has nothing else to do until the broker is there"
    )]
    fn wait_until_it_answers(&mut self) {
        let pause = Duration::from_millis(100);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports[0])).is_ok() {
                return;
            }
            let ended = self.server.as_mut().and_then(|it| it.try_wait().expect("asked"));
            assert!(ended.is_none(), "RabbitMQ ended: {}", self.output());
            std::thread::sleep(pause);
        }
        panic!("RabbitMQ does not answer: {}", self.output());
    }

    fn output(&self) -> String {
        fs::read_to_string(self.place.path().join("output")).unwrap_or_default()
    }

    /// Kills it, whatever it was doing.
    pub(super) fn kill(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // The script has become the Erlang machine, or waits for it: the whole group goes.
        let group = format!("-{}", server.id());
        let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
        killed.expect("kill can be run");
        server.wait().expect("it has ended");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
        // A daemon that is gone already needs no killing.
        let _ = self.mapper.kill();
        let _ = self.mapper.wait();
    }
}

/// Into the test's own output.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
pub(super) fn tell(text: &str) {
    println!("{text}");
}

/// The way to a broker at this port.
pub(super) fn url(port: u16) -> String {
    format!("rabbit://guest:guest@127.0.0.1:{port}/?amqp_durable_queues=true")
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// Ports that nothing listens on at the moment, each another.
fn free_ports() -> [u16; 3] {
    let held = [0; 3].map(|port: u16| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("there are free ports")
    });
    held.map(|listener| listener.local_addr().expect("it has an address").port())
}

/// RabbitMQ's own account, when the test could choose any: it refuses to be root.
fn account() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").expect("this is Linux").uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").expect("the accounts can be read");
    let found = accounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.first() == Some(&"rabbitmq"))
            .then(|| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))?
    });
    Some(found.expect("RabbitMQ's package makes its account"))
}
