//! `[oslo_policy]`: the files that say who may do what, oslo.policy's names.

use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "oslo_policy";

options! {
    POLICY_FILE: String = Opt::new(SECTION, "policy_file", Kind::Text,
        "File with rules that stand over the defaults, YAML or JSON. A relative path is looked for beside the \
         configuration files, the last one's directory first, and then in /etc/cinder; without a configuration file none \
         is looked for. A file that is not there is none, one that cannot be used stops the start, and while the \
         service runs a changed file is read again and a bad one is logged and not used.")
        .default("policy.yaml");
    POLICY_DIRS: String = Opt::new(SECTION, "policy_dirs", Kind::Text,
        "Directory whose files are read after policy_file, by name; may stand several times. Looked for as policy_file.")
        .default("policy.d")
        .repeats();
    POLICY_DEFAULT_RULE: String = Opt::new(SECTION, "policy_default_rule", Kind::Text,
        "Rule that stands in for one that another refers to and that is not there.")
        .default("default");
    ENFORCE_SCOPE: bool = Opt::new(SECTION, "enforce_scope", Kind::Flag,
        "Without effect, as with Cinder 29: none of its rules is for tokens of one scope only.")
        .default("true");
    ENFORCE_NEW_DEFAULTS: bool = Opt::new(SECTION, "enforce_new_defaults", Kind::Flag,
        "Must stay true: the defaults from before Cinder's Xena release, which ask for no role, are not built.")
        .default("true");
}
