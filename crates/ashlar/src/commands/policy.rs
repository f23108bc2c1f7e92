//! `ashlar policy`: who may do what, and why somebody may not.

use anyhow::bail;
use ashlar_api::policy::{Policy, Target, defaults, known};
use ashlar_types::Caller;
use ashlar_types::caller::Scope;
use serde_json::json;

use super::print;
use crate::cli::{Global, PolicyCheckArgs, PolicyCommand};

/// Runs the command and prints to standard output.
pub(crate) fn run(global: &Global, command: &PolicyCommand) -> anyhow::Result<()> {
    if matches!(command, PolicyCommand::Sample) {
        return print::text(&sample());
    }
    let policy = global.load(Vec::new())?.read_policy()?;
    match command {
        PolicyCommand::List { given, json } => list(&policy, *given, *json),
        PolicyCommand::Check(args) => check(&policy, args),
        PolicyCommand::Sample => Ok(()),
    }
}

/// All rules, or those that files give, with what they say.
fn list(policy: &Policy, given: bool, json: bool) -> anyhow::Result<()> {
    let names = policy.names().filter(|name| !given || policy.place(name).is_some());
    let rows = names.map(|name| (name, policy.text(name).unwrap_or_default(), policy.place(name)));
    if json {
        let rule =
            |(name, check, place)| json!({ "rule": name, "check": check, "given_in": place });
        return print::json(&rows.map(rule).collect::<Vec<_>>());
    }
    let mut table = print::table(&["rule", "check", "given in"]);
    for (name, check, place) in rows {
        table.add_row([name, &check, place.unwrap_or("")]);
    }
    let warnings: String =
        policy.warnings().iter().map(|warning| format!("warning: {warning}\n")).collect();
    print::text(&format!("{table}\n{warnings}"))
}

/// Whether a caller passes a rule, with its parts; or all rules that the caller passes.
fn check(policy: &Policy, args: &PolicyCheckArgs) -> anyhow::Result<()> {
    let mut caller = Caller {
        user_id: args.user.clone(),
        project_id: if args.system { String::new() } else { args.project.clone() },
        roles: args
            .roles
            .split(',')
            .map(str::trim)
            .filter(|role| !role.is_empty())
            .map(str::to_owned)
            .collect(),
        scope: Scope { system: args.system.then(|| "all".to_owned()), ..Scope::default() },
        ..Caller::default()
    };
    caller.is_admin = policy.is_admin(&caller);
    let target = Target {
        project_id: args.owner_project.as_deref(),
        user_id: args.owner_user.as_deref(),
        more: &[],
    };
    let Some(rule) = &args.rule else {
        let passed: String = policy
            .names()
            .filter(|name| policy.allows(name, &caller, &target))
            .map(|name| format!("{name}\n"))
            .collect();
        return print::text(&passed);
    };
    let Some(explained) = policy.explain(rule, &caller, &target) else {
        bail!("there is no rule {rule}; `ashlar policy list` names them all");
    };
    let place = policy.place(rule).unwrap_or("Cinder's default");
    let old = if known(rule) { "" } else { " (no request asks for it)" };
    print::text(&format!("{explained}given in: {place}{old}\n"))?;
    if policy.allows(rule, &caller, &target) {
        return Ok(());
    }
    bail!("{rule} refuses this caller");
}

/// A policy file with every default, all of it commented out.
fn sample() -> String {
    let mut text = String::from(
        "# Rules of who may do what, with their defaults. Take the # away from a line to change it; a changed file is\n\
         # read again within seconds. \"\" is everybody, \"!\" nobody.\n",
    );
    for (name, check) in defaults() {
        // JSON's quoting is YAML's.
        let check = json!(check).to_string();
        text.push_str(&format!("\n#\"{name}\": {check}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_without_its_comment_signs_is_the_defaults() {
        let text: String = sample()
            .lines()
            .skip(2)
            .map(|line| line.trim_start_matches('#').to_owned() + "\n")
            .collect();
        let entries = ashlar_oslo::policy::file::parse(&text).expect("a good file");
        assert_eq!(entries.len(), defaults().len());
    }
}
