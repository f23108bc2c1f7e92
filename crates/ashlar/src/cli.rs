//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use ashlar_types::{FlowId, VolumeId};
use clap::{Args, Parser, Subcommand};

use crate::config::{ConfigError, Flag, Loaded, Origin, load};
use crate::telemetry::log::Format;

/// OpenStack Block Storage (Cinder's API, options and tables) in one binary.
#[derive(Debug, Parser)]
#[command(name = "ashlar", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Configuration file in the form of cinder.conf; may be given several times, the later file wins
    ///
    /// Without it the defaults hold: no file is looked for.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config_file: Vec<PathBuf>,
    /// Directory for the database and the volumes [default: state_path of the configuration, ./ashlar-data]
    #[arg(long, value_name = "DIRECTORY", env = "ASHLAR_STATE_DIR", global = true)]
    pub(crate) state_dir: Option<PathBuf>,
    /// How log lines look [default: json when use_json of the configuration is set, else human]
    #[arg(long, value_name = "FORMAT", global = true)]
    pub(crate) log_format: Option<Format>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API and do all the work in this one process
    ///
    /// Makes what it needs on first start. SIGTERM and SIGINT end it in order; whatever ends it otherwise, the
    /// next start finishes or reverts what was under way.
    #[command(after_help = "Examples:\n  \
        ashlar serve\n  \
        ashlar serve --listen 127.0.0.1:0 --state-dir /srv/ashlar")]
    Serve(ServeArgs),
    /// Serve the API only; other processes on the same database do the work
    #[command(after_help = "Example:\n  ashlar api --config-file /etc/cinder/cinder.conf")]
    Api(ServeArgs),
    /// Choose pools for volumes; several may run
    #[command(after_help = "Example:\n  ashlar scheduler --config-file /etc/cinder/cinder.conf")]
    Scheduler,
    /// Serve the backends that enabled_backends names
    #[command(after_help = "Example:\n  ashlar volume --config-file /etc/cinder/cinder.conf")]
    Volume,
    /// Say why a volume is where it is, or why no pool would take it
    #[command(after_help = "Example:\n  ashlar explain 4f1c0c5e-6d0b-4a3a-9d53-0d8f6f2f7c11")]
    Explain(ExplainArgs),
    /// Look at operations: what they have done, and what holds them up
    #[command(subcommand)]
    Flow(FlowCommand),
    /// Look at the services of all nodes
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Make the database's tables, or say how far they are
    #[command(subcommand)]
    Db(DbCommand),
    /// Look at the configuration without starting anything
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Say who may do what, and why somebody may not
    #[command(subcommand)]
    Policy(PolicyCommand),
}

/// `ashlar serve` and `ashlar api`
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where the API listens; port 0 takes any free one [default: osapi_volume_listen and
    /// osapi_volume_listen_port of the configuration, 127.0.0.1:8776]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = listen)]
    pub(crate) listen: Option<SocketAddr>,
    /// Listen beyond this machine although auth_strategy = noauth makes every caller an administrator
    #[arg(long)]
    pub(crate) let_anyone_on_the_network_administer: bool,
}

/// `ashlar explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The volume's id
    #[arg(value_parser = volume_id)]
    pub(crate) volume: VolumeId,
    /// Name every pool, however many there are
    #[arg(long)]
    pub(crate) all: bool,
    /// Print the decisions as JSON, with every pool and the versions of what was decided on
    #[arg(long)]
    pub(crate) json: bool,
}

/// `ashlar flow …`
#[derive(Debug, Subcommand)]
pub(crate) enum FlowCommand {
    /// Say what an operation has gone through, task by task
    #[command(after_help = "Example:\n  ashlar flow show 0b2a4f63-52b5-4c9e-8a0e-6c9e8a0b7d11")]
    Show {
        /// The flow's id, as `flow list` and the log have it
        id: FlowId,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// List operations that are not finished, the newest first
    #[command(
        after_help = "Example:\n  ashlar flow list --all --resource 4f1c0c5e-6d0b-4a3a-9d53-0d8f6f2f7c11"
    )]
    List {
        /// Those that ended within the last day too
        #[arg(long)]
        all: bool,
        /// Only those about this volume or snapshot
        #[arg(long, value_name = "ID")]
        resource: Option<String>,
        /// At most so many; 0 is no limit
        #[arg(long, default_value_t = 1000)]
        limit: usize,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
}

/// `ashlar service …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// List the services with their heartbeats
    #[command(after_help = "Example:\n  ashlar service list")]
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
}

/// `ashlar db …`
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Make the tables that are missing; those that Cinder made are kept with all that is in them
    ///
    /// May be repeated, and run from several machines at once. What was cut short is finished by the next run.
    #[command(after_help = "Example:\n  ashlar db sync --config-file /etc/cinder/cinder.conf")]
    Sync,
    /// Say how far the tables are, and change nothing
    #[command(after_help = "Example:\n  ashlar db version --config-file /etc/cinder/cinder.conf")]
    Version,
}

/// `ashlar config …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Say whether the configuration is good, and which of its options are not used
    ///
    /// Exit status 0: it is good. Exit status 2: it is not; one line says which file, line and option, and why.
    #[command(after_help = "Examples:\n  \
        ashlar config check --config-file /etc/cinder/cinder.conf\n  \
        ashlar config check --config-file common.conf --config-file this-node.conf")]
    Check {
        /// Take an API that is open to the network without authentication as good, as the services do with this flag
        #[arg(long)]
        let_anyone_on_the_network_administer: bool,
    },
    /// Print all options with their defaults, as a Markdown page
    #[command(after_help = "Example:\n  ashlar config options > config.md")]
    Options,
}

/// `ashlar policy …`
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// List all rules with what they say, and the file and line of those that a file gives
    #[command(after_help = "Examples:\n  \
        ashlar policy list --config-file /etc/cinder/cinder.conf\n  \
        ashlar policy list --given --config-file /etc/cinder/cinder.conf")]
    List {
        /// Only those that a file gives
        #[arg(long)]
        given: bool,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Say whether a caller with these roles passes a rule, part by part; without a rule, name all that the caller passes
    ///
    /// The log names the rule and the roles of each request that was refused. Roles count as they are given: with
    /// Keystone's own, a member is a reader too, so write member,reader. Exit status 1: the caller is refused.
    #[command(after_help = "Examples:\n  \
        ashlar policy check --as member,reader volume:delete\n  \
        ashlar policy check --as reader --owner-project other volume:get\n  \
        ashlar policy check --as auditor --config-file /etc/cinder/cinder.conf")]
    Check(PolicyCheckArgs),
    /// Print a policy file with every default, commented out
    #[command(after_help = "Example:\n  ashlar policy sample > policy.yaml")]
    Sample,
}

/// `ashlar policy check`
#[derive(Debug, Args)]
pub(crate) struct PolicyCheckArgs {
    /// The caller's roles, with commas; '' for none
    #[arg(long = "as", value_name = "ROLES")]
    pub(crate) roles: String,
    /// The caller's project
    #[arg(long, value_name = "ID", default_value = "own-project")]
    pub(crate) project: String,
    /// The caller
    #[arg(long, value_name = "ID", default_value = "own-user")]
    pub(crate) user: String,
    /// The caller's token is one of the system, without a project
    #[arg(long, conflicts_with = "project")]
    pub(crate) system: bool,
    /// Project of the thing that the request is about [default: the caller's]
    #[arg(long, value_name = "ID")]
    pub(crate) owner_project: Option<String>,
    /// User who made the thing [default: the caller]
    #[arg(long, value_name = "ID")]
    pub(crate) owner_user: Option<String>,
    /// The rule, as the refusal names it
    pub(crate) rule: Option<String>,
}

/// `--listen`: an address, not a name, since a name may stand for several.
fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "it must be an IP address and a port, for example 127.0.0.1:9001 or [::1]:9001".to_owned()
    })
}

fn volume_id(text: &str) -> Result<VolumeId, String> {
    text.parse().map_err(|_| {
        "it is no id (a UUID); `openstack volume list` or the API tells the id of a volume"
            .to_owned()
    })
}

impl ServeArgs {
    /// The options that these flags stand over.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let Some(listen) = self.listen else { return Vec::new() };
        let flag = |option, value| Flag { section: "DEFAULT", option, value, flag: "--listen" };
        vec![
            flag("osapi_volume_listen", listen.ip().to_string()),
            flag("osapi_volume_listen_port", listen.port().to_string()),
        ]
    }
}

impl Global {
    /// Reads the configuration with these flags, and `more` of a command's own, over it.
    pub(crate) fn load(&self, more: Vec<Flag>) -> Result<Loaded, ConfigError> {
        let mut flags = more;
        if let Some(directory) = &self.state_dir {
            let name = "--state-dir";
            let value = directory.to_str().filter(|text| !text.is_empty());
            let value = value.ok_or_else(|| ConfigError::Option {
                origin: Origin::Flag(name),
                section: "DEFAULT".to_owned(),
                option: "state_path".to_owned(),
                problem: "the directory's name must be valid UTF-8 and not empty".to_owned(),
            })?;
            flags.push(Flag {
                section: "DEFAULT",
                option: "state_path",
                value: value.to_owned(),
                flag: name,
            });
        }
        let system = rustix::system::uname();
        let machine = system.nodename().to_str().ok().filter(|name| !name.is_empty());
        load(&self.config_file, flags, machine.unwrap_or("localhost"))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn files_may_be_repeated_and_stand_after_the_command() {
        let cli = Cli::try_parse_from([
            "ashlar",
            "config",
            "check",
            "--config-file",
            "a",
            "--config-file",
            "b",
        ])
        .expect("a good command line");
        assert_eq!(cli.global.config_file, [PathBuf::from("a"), PathBuf::from("b")]);
    }
}
