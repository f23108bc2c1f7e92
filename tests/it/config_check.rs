//! `ashlar config check`: what is wrong is one line with file, line and option, and nothing is started.

use tempfile::TempDir;

use crate::command::{Said, run};

/// A directory with a `cinder.conf` of this text.
struct Place {
    directory: TempDir,
    file: String,
}

impl Place {
    fn with(text: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("cinder.conf");
        std::fs::write(&file, text).expect("it can be written");
        let file = file.to_str().expect("a temporary path is text").to_owned();
        Self { directory, file }
    }

    fn check(&self) -> Said {
        let state = self.directory.path().join("state");
        let state = state.to_str().expect("a temporary path is text");
        let said = run(&["config", "check", "--config-file", &self.file, "--state-dir", state]);
        assert!(!self.directory.path().join("state").exists(), "a check makes nothing");
        said
    }
}

/// The one line that a bad file is refused with, without the file's directory.
fn refused(text: &str) -> String {
    let place = Place::with(text);
    let said = place.check().expect(2);
    assert_eq!(said.out, "");
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    let line = said.err.trim_end().strip_prefix("ashlar: ").expect("it says who speaks");
    let directory = place.directory.path().to_str().expect("a temporary path is text");
    line.replace(&format!("{directory}/"), "")
}

#[test]
fn a_good_file_is_told_with_what_it_would_start() {
    let place = Place::with(
        "[DEFAULT]\nhost = node-1\nenabled_backends = fast, slow\n[fast]\nvolume_driver = sim\n\
         [slow]\nvolume_driver = file\n[database]\nconnection = mysql+pymysql://c:s3cret@db/cinder\n",
    );
    let said = place.check().expect(0);
    assert_eq!(
        said.out,
        "the configuration is good: API on 127.0.0.1:8776, database mysql://db/cinder, backends \
         node-1@fast (sim), node-1@slow (file)\n"
    );
    assert_eq!(said.err, "");
}

#[test]
fn an_unknown_driver_is_one_line_with_its_place() {
    let line = refused("[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = nfs\n");
    assert_eq!(
        line,
        "cinder.conf:4: [a] volume_driver: unknown volume driver 'nfs'; known are 'file' \
         (ashlar.drivers.file), 'sim' (ashlar.drivers.sim)"
    );
}

#[test]
fn a_bad_value_is_one_line_with_its_place() {
    assert_eq!(
        refused("[DEFAULT]\n\nosapi_max_limit = many\n"),
        "cinder.conf:3: [DEFAULT] osapi_max_limit: 'many' is not a whole number from 1 to 4294967295"
    );
    let line = refused("[DEFAULT]\nscheduler_default_filters = CapacityFlter\n");
    assert!(line.starts_with("cinder.conf:2: [DEFAULT] scheduler_default_filters: "), "{line}");
    let line = refused("[DEFAULT]\nproject_id_regex = (a|b)\n");
    assert!(line.starts_with("cinder.conf:2: [DEFAULT] project_id_regex: "), "{line}");
}

#[test]
fn a_missing_section_is_one_line_with_the_option_that_names_it() {
    assert_eq!(
        refused("[DEFAULT]\nenabled_backends = a\n"),
        "cinder.conf:2: [DEFAULT] enabled_backends: names 'a', but there is no section [a] that describes it"
    );
}

#[test]
fn a_missing_filters_file_is_told_before_anything_starts() {
    let line = refused("[DEFAULT]\nresource_query_filters_file = /nowhere/filters.json\n");
    assert_eq!(
        line,
        "cinder.conf:2: [DEFAULT] resource_query_filters_file: /nowhere/filters.json cannot be read: No such \
         file or directory (os error 2)"
    );
}

#[test]
fn a_missing_file_and_a_broken_one_are_one_line() {
    let said = run(&["config", "check", "--config-file", "/nowhere/cinder.conf"]).expect(2);
    assert!(said.err.starts_with("ashlar: /nowhere/cinder.conf: cannot be read: "), "{}", said.err);
    let line = refused("[DEFAULT\n");
    assert!(line.starts_with("cinder.conf:1: "), "{line}");
}

#[test]
fn what_has_no_effect_is_remarked_and_is_no_error() {
    let said = Place::with("[DEFAULT]\nosapi_volume_workers = 4\nqouta_volumes = 3\n").check();
    let said = said.expect(0);
    let lines: Vec<_> =
        said.out.lines().map(|line| line.rsplit_once('/').map_or(line, |l| l.1)).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "cinder.conf:2: [DEFAULT] osapi_volume_workers: is not used by Ashlar");
    assert_eq!(
        lines[1],
        "cinder.conf:3: [DEFAULT] qouta_volumes: is not used by Ashlar; is quota_volumes meant?"
    );
}

#[test]
fn a_password_is_in_no_message() {
    let said = Place::with("[database]\nconnection = oracle://c:s3cret@db/cinder\n").check();
    let said = said.expect(2);
    assert!(!said.err.contains("s3cret"), "{}", said.err);
    assert!(said.err.contains("[database] connection: "), "{}", said.err);
}

#[test]
fn what_serve_would_refuse_is_refused() {
    let open = "[DEFAULT]\nosapi_volume_listen = 0.0.0.0\n";
    let line = refused(open);
    assert!(
        line.starts_with("cinder.conf:2: [DEFAULT] osapi_volume_listen: 0.0.0.0 can be"),
        "{line}"
    );
    let flag = "--let-anyone-on-the-network-administer";
    let place = Place::with(open);
    let said = run(&["config", "check", "--config-file", &place.file, flag]).expect(0);
    assert!(said.out.contains("0.0.0.0 can be reached"), "it is remarked all the same: {said:?}");

    let line = refused("[DEFAULT]\nlog_dir = /nowhere/logs\n");
    assert!(
        line.starts_with(
            "cinder.conf:2: [DEFAULT] log_dir: /nowhere/logs/ashlar-serve.log cannot be opened: "
        ),
        "{line}"
    );
}
