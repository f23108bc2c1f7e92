//! Rules as requests meet them: defaults, files, what the log says of a refusal.

use std::path::Path;

use super::*;

fn caller(roles: &[&str]) -> Caller {
    Caller {
        user_id: "u".to_owned(),
        project_id: "p".to_owned(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        is_admin: roles.contains(&"admin"),
        ..Caller::default()
    }
}

fn with(text: &str) -> Result<Policy, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("policy.yaml");
    std::fs::write(&file, text).expect("a file");
    let read = read(&Settings { file: vec![file], ..Settings::default() });
    read.map_err(|error| error.to_string().replace(&format!("{}/", directory.path().display()), ""))
}

#[test]
fn every_list_is_sorted_and_no_rule_stands_twice() {
    let mut all: Vec<&str> = Vec::new();
    for names in [rules::ADMIN, rules::MEMBER, rules::READER] {
        assert!(names.is_sorted());
        all.extend(names);
    }
    all.extend(rules::BASE.iter().map(|(name, _)| *name));
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
    assert!(rules::RENAMED.iter().all(|(new, old)| known(new) && default_role(old).is_none()));
}

#[test]
fn the_defaults_are_cinders() {
    let policy = files::without_files();
    let asked = ["volume:get_all", "volume:create", "volume_extension:services:index"];
    let passed =
        |roles: &[&str]| asked.map(|rule| policy.allows(rule, &caller(roles), &Target::default()));
    assert_eq!(passed(&["admin"]), [true, true, true]);
    assert_eq!(passed(&["member", "reader"]), [true, true, false]);
    assert_eq!(passed(&["reader"]), [true, false, false]);
    assert_eq!(passed(&[]), [false, false, false]);
}

#[test]
fn roles_count_for_the_project_of_what_was_loaded() {
    let policy = files::without_files();
    let member = caller(&["member"]);
    assert!(policy.allows("volume:delete", &member, &Target::of("p", "somebody")));
    assert!(!policy.allows("volume:delete", &member, &Target::of("q", "u")));
    assert!(policy.allows("volume:delete", &caller(&["admin"]), &Target::of("q", "x")));
}

#[test]
fn a_token_without_a_project_has_none_in_common_with_anything() {
    let policy = files::without_files();
    let nowhere = Caller { project_id: String::new(), ..caller(&["member", "reader"]) };
    assert!(!policy.allows("volume:get_all", &nowhere, &Target::default()));
    assert!(!policy.allows("volume:get", &nowhere, &Target::of("", "u")));
}

#[test]
fn an_unknown_rule_admits_nobody() {
    let policy = files::without_files();
    assert!(!policy.allows("volume:no_such_rule", &caller(&["admin"]), &Target::default()));
}

#[test]
fn who_is_an_administrator_is_a_rule_too() {
    let policy = files::without_files();
    assert!(policy.is_admin(&caller(&["Admin"])) && !policy.is_admin(&caller(&["member"])));
    let policy =
        with("context_is_admin: role:boss and user_id:%(user_id)s\n").expect("a good file");
    assert!(policy.is_admin(&caller(&["boss"])) && !policy.is_admin(&caller(&["admin"])));
}

#[test]
fn a_file_stands_over_the_defaults() {
    let policy =
        with("# ours\nvolume:delete: user_id:%(user_id)s\nmine: role:x\nvolume:get: rule:mine\n");
    let policy = policy.expect("a good file");
    let member = caller(&["member"]);
    assert!(policy.allows("volume:delete", &member, &Target::of("p", "u")));
    assert!(!policy.allows("volume:delete", &member, &Target::of("p", "other")));
    assert!(policy.allows("volume:get", &caller(&["x"]), &Target::default()));
    assert!(policy.allows("volume:create", &member, &Target::default()));
    assert!(policy.place("volume:delete").is_some_and(|place| place.ends_with("policy.yaml:2")));
    assert_eq!(policy.place("volume:create"), None);
    assert!(policy.warnings().is_empty(), "{:?}", policy.warnings());
}

#[test]
fn what_is_given_under_an_older_name_holds_for_the_new_ones() {
    let policy = with("volume_extension:types_manage: role:typist\n").expect("a good file");
    for rule in ["type_create", "type_update", "type_delete"] {
        let rule = format!("volume_extension:{rule}");
        assert!(policy.allows(&rule, &caller(&["typist"]), &Target::default()), "{rule}");
        assert!(policy.place(&rule).is_some());
    }
    assert!(policy.warnings().is_empty(), "{:?}", policy.warnings());
    let both = "volume_extension:types_manage: role:typist\nvolume_extension:type_create: role:x\n";
    let policy = with(both).expect("a good file");
    assert!(!policy.allows(
        "volume_extension:type_create",
        &caller(&["typist"]),
        &Target::default()
    ));
}

#[test]
fn what_cannot_be_used_is_refused_with_file_and_line() {
    for (text, wanted) in [
        (
            "\nvolume:get: role:x or\n",
            "policy.yaml:2: rule volume:get: column 10: expected a check",
        ),
        (
            "a: rule:b\nb: rule:a\n",
            "policy.yaml:1: rule a: refers to itself in a circle: a -> b -> a",
        ),
        ("admin_api: rule:admin_or_owner\nadmin_or_owner: rule:admin_api\n", "in a circle"),
        ("a: '!'\nb: '!'\na: '@'\n", "policy.yaml:3: "),
    ] {
        let refused = with(text).expect_err(text);
        assert!(refused.contains(wanted), "{refused}");
    }
}

#[test]
fn what_is_most_likely_a_mistake_is_told() {
    let text =
        "volume:craete: role:x\nvolume:get: rule:none or tenant:%(tenant_id)s or user_id.x:y\n";
    let policy = with(text).expect("a good file");
    let warnings = policy.warnings().join("\n");
    for wanted in [
        "policy.yaml:1: there is no rule volume:craete",
        "rule:none",
        "asks for tenant,",
        "asks for user_id.x,",
        "%(project_id)s",
    ] {
        assert!(warnings.contains(wanted), "{wanted}: {warnings}");
    }
}

#[test]
fn files_of_a_directory_come_after_the_file_and_by_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    std::fs::create_dir(path("policy.d")).expect("a directory");
    let write = |name: &str, text: &str| std::fs::write(path(name), text).expect("a file");
    write("policy.yaml", "a: role:first\nb: role:first\nc: role:first\n");
    write("policy.d/20.yaml", "b: role:third\n");
    write("policy.d/10.json", "{\"b\": \"role:second\", \"c\": \"role:second\"}");
    write("policy.d/.hidden", "c: [");
    let settings = Settings {
        file: vec![path("none.yaml"), path("policy.yaml")],
        directories: vec![vec![path("no.d"), path("policy.d")], vec![path("gone.d")]],
        ..Settings::default()
    };
    let policy = read(&settings).expect("good files");
    let said = ["a", "b", "c"].map(|rule| policy.text(rule).expect("it is there"));
    assert_eq!(said, ["role:first", "role:third", "role:second"]);
    let none =
        Settings { file: vec![Path::new("/nowhere/here.yaml").to_owned()], ..Settings::default() };
    assert_eq!(read(&none).expect("the defaults").warnings().len(), 1);
}
