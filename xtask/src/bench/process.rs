//! CPU and memory of a process, as Linux counts them.

use std::fs;

use anyhow::{Context, Result};

/// Ticks in a second in `/proc/PID/stat`; the same on every Linux that Rust supports.
const TICKS: f64 = 100.0;

/// CPU seconds used since some moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Usage {
    /// By this program.
    pub(super) client: f64,
    /// By our own server, if there is one.
    pub(super) server: Option<f64>,
}

impl Usage {
    /// What was used until now.
    pub(super) fn now(server: Option<u32>) -> Result<Self> {
        let server = server.map(cpu).transpose()?;
        Ok(Self { client: cpu(std::process::id())?, server })
    }

    /// What was used since `before`.
    pub(super) fn since(&self, before: &Self) -> Self {
        let server = self.server.zip(before.server).map(|(now, then)| now - then);
        Self { client: self.client - before.client, server }
    }
}

fn cpu(process: u32) -> Result<f64> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    cpu_seconds(&text).with_context(|| format!("{path} is not as it should be"))
}

/// User and system time, the 14th and 15th fields. The second field may hold spaces and parentheses.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

/// Memory of a process, in MiB.
#[derive(Debug, PartialEq)]
pub(super) struct Memory {
    resident: f64,
    peak: f64,
}

impl Memory {
    /// What a process takes now.
    pub(super) fn of(process: u32) -> Result<Self> {
        let path = format!("/proc/{process}/status");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        Self::parse(&text).with_context(|| format!("{path} is not as it should be"))
    }

    fn parse(status: &str) -> Option<Self> {
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
            Some(kibibytes / 1024.0)
        };
        Some(Self { resident: mebibytes("VmRSS:")?, peak: mebibytes("VmHWM:")? })
    }

    /// In memory now.
    pub(super) fn resident(&self) -> f64 {
        self.resident
    }

    /// The most that there ever was.
    pub(super) fn peak(&self) -> f64 {
        self.peak
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_have_parentheses_in_its_name() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 9 1 1";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("7 (a) S 1"), None);
    }

    #[test]
    fn memory_is_read_in_mebibytes() {
        let status = "Name:\ta\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\n";
        assert_eq!(Memory::parse(status), Some(Memory { resident: 2.0, peak: 4.0 }));
        assert_eq!(Memory::parse("Name:\ta\n"), None);
    }

    #[test]
    fn this_program_uses_memory() {
        let memory = Memory::of(std::process::id()).expect("readable");
        assert!(memory.peak() >= memory.resident() && memory.resident() > 0.0);
    }
}
