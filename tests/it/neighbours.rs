//! A real Keystone and a real Glance beside the house: `tests/conformance/neighbours` starts them.

mod cli;
mod glance;
mod keystone;
mod rights;
mod scopes;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use ashlar_clients::Tls;
use ashlar_clients::keystone::{Domain, Keystone, Login, Scope, User};
use ashlar_types::{Clock, Token};
use serde_json::Value;
use tempfile::TempDir;

use crate::server::Server;

/// Where `cargo xtask test` has put the programs of both.
const PROGRAMS: &str = "ASHLAR_TEST_SERVERS";
/// The password of everybody.
const PASSWORD: &str = "secret";

/// Both services in a directory of their own, ended when this is dropped. Users are `admin`, `demo`, `manager`,
/// `reader` and `norole` (in project `demo`), `other` (in project `other`), `cinder` and `glance` (in `service`).
pub(crate) struct Neighbours {
    /// `http://…`, without a version.
    pub(crate) keystone: String,
    /// `http://…`, without a version.
    pub(crate) glance: String,
    /// Identities of projects by name.
    pub(crate) projects: BTreeMap<String, String>,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    child: Child,
    directory: TempDir,
}

impl Neighbours {
    /// Starts both and waits until they answer, some two seconds; the first time ever half a minute. `None`, and
    /// a word on standard output, when they are not installed.
    ///
    /// # Panics
    /// When they do not start.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = std::env::var_os(PROGRAMS).map(PathBuf::from) else {
            // `cargo xtask test` says so too, and under CI it is a failure there.
            tell(
                "left out: ASHLAR_TEST_SERVERS is not set; `cargo xtask test` installs the servers",
            );
            return None;
        };
        // Beside the environments, which are in `venv/<name>/bin`.
        let template = programs.ancestors().nth(3).expect("a place").join("neighbours");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut child = Command::new(programs.join("python"))
            .arg(script("neighbours.py"))
            .arg(template)
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python can be run");
        let mut answers = BufReader::new(child.stdout.take().expect("piped")).lines();
        let Some(Ok(line)) = answers.next() else {
            panic!("the neighbours ended: {:?}", child.wait());
        };
        let facts: Value = serde_json::from_str(&line).expect("JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let projects = facts["projects"].as_object().expect("projects").iter();
        Some(Self {
            keystone: text(&facts["keystone"]),
            glance: text(&facts["glance"]),
            projects: projects.map(|(name, id)| (name.clone(), text(id))).collect(),
            orders: child.stdin.take(),
            answers,
            child,
            directory,
        })
    }

    /// Writes into Keystone's catalogue where the server under test is.
    pub(crate) fn locate(&mut self, server: &str) {
        self.order(&format!("block-storage {server}/v3"));
    }

    /// Ends Glance; nobody listens on its port any more.
    pub(crate) fn stop_glance(&mut self) {
        self.order("stop glance");
    }

    /// Starts it again.
    pub(crate) fn start_glance(&mut self) {
        self.order("start glance");
    }

    /// Ends Keystone; nobody listens on its port any more.
    pub(crate) fn stop_keystone(&mut self) {
        self.order("stop keystone");
    }

    /// Starts it again.
    pub(crate) fn start_keystone(&mut self) {
        self.order("start keystone");
    }

    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("not ended");
        writeln!(orders, "{order}").expect("it listens");
        let answer = self.answers.next().expect("it answers").expect("text");
        assert_eq!(answer, "done", "{order}");
    }

    /// What the account `user` needs to log in for `project`.
    pub(crate) fn login(&self, user: &str, project: &str) -> Login {
        let domain = Domain::Id("default".to_owned());
        Login {
            auth_url: self.keystone.clone(),
            user: User::Name { name: user.to_owned(), domain: domain.clone() },
            password: PASSWORD.into(),
            scope: Scope::Project { name: project.to_owned(), domain },
        }
    }

    /// An account, through our own client.
    pub(crate) fn account(&self, user: &str, project: &str) -> Arc<Keystone> {
        let made = Keystone::new(self.login(user, project), &Tls::default(), Clock::System);
        Arc::new(made.expect("a client"))
    }

    /// A token of this user's.
    pub(crate) async fn token(&self, user: &str, project: &str) -> Token {
        let session = self.account(user, project).session().await.expect("logged in");
        let header = session.header().expect("a token");
        Token::new(header.to_str().expect("a text"))
    }

    /// A directory that goes away with them.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Starts the real binary, all roles in one process, that believes this Keystone and uses this Glance;
    /// `more` is added to section `[DEFAULT]` of its configuration. Its state is in `ashlar` of our directory.
    pub(crate) fn serve(&mut self, more: &str) -> Server {
        let state = self.directory().join("ashlar");
        let file = self.directory().join("cinder.conf");
        let keystone = &self.keystone;
        let text = format!(
            "[DEFAULT]\nauth_strategy = keystone\nstate_path = {}\n{more}\n\
             [keystone_authtoken]\nauth_type = password\nauth_url = {keystone}\n\
             www_authenticate_uri = {keystone}/v3\nusername = cinder\npassword = {PASSWORD}\n\
             user_domain_id = default\nproject_name = service\nproject_domain_id = default\n\
             token_cache_time = 1\n",
            state.display(),
        );
        std::fs::write(&file, text).expect("written");
        let file = file.to_str().expect("a temporary path is text");
        let server = Server::start(&["--config-file", file, "serve", "--listen", "127.0.0.1:0"]);
        self.locate(&server.url);
        server
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        // The end of its orders ends it, and it ends both services.
        self.orders = None;
        let _ = self.child.wait();
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/neighbours").join(name)
}

/// Into the test's own output.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
fn tell(text: &str) {
    println!("{text}");
}
