//! From what a database holds to what is to be done. Pure.

use crate::Engine;
use crate::schema::render::{add_column, create_index, create_table};
use crate::schema::{Table, ashlar, cinder};

use super::found::{CinderTables, Names, Version};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Run this statement.
    Run(String),
    /// Write the rows that Cinder's migrations write, its revision last.
    Seed,
    /// Note that this step of ours has run; 0 says that we are making Cinder's tables.
    Record(i64),
}

/// Why a database is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An earlier release of Cinder made it.
    #[error(
        "the database is at revision {found} of Cinder's tables; Ashlar needs {} (Cinder {}): \
         run `cinder-manage db sync` of that release on it first",
        cinder::REVISION,
        cinder::RELEASE
    )]
    Older {
        /// The revision found.
        found: String,
    },
    /// The revision is none of Cinder's up to ours.
    #[error(
        "the database is at revision {found}, which Cinder {} does not know; Ashlar needs {}: \
         a newer Cinder or another program made it",
        cinder::RELEASE,
        cinder::REVISION
    )]
    Unknown {
        /// The revision found.
        found: String,
    },
    /// Tables of Cinder's stand there without a revision.
    #[error(
        "the database has a table `{example}` but no revision in `alembic_version`; Ashlar needs {} \
         (Cinder {}): run `cinder-manage db sync` of that release on it first, or use an empty database",
        cinder::REVISION,
        cinder::RELEASE
    )]
    Unversioned {
        /// One of those tables.
        example: String,
    },
    /// A later Ashlar was here.
    #[error(
        "the database has version {found} of Ashlar's own tables and this program knows {}: \
         a newer Ashlar made it",
        ashlar::version()
    )]
    Newer {
        /// The version found.
        found: i64,
    },
}

/// Whether a sync may touch the database.
///
/// # Errors
/// [`Refusal`], with what to do instead.
pub fn check(found: &Version) -> Result<(), Refusal> {
    match &found.cinder {
        CinderTables::Absent | CinderTables::Begun => {}
        CinderTables::At(revision) if revision == cinder::REVISION => {}
        CinderTables::At(revision) => {
            let older = cinder::OLDER_REVISIONS.contains(&revision.as_str());
            let found = revision.clone();
            return Err(if older { Refusal::Older { found } } else { Refusal::Unknown { found } });
        }
        CinderTables::Unversioned(example) => {
            return Err(Refusal::Unversioned { example: example.clone() });
        }
    }
    match found.ashlar {
        Some(version) if version > ashlar::version() => Err(Refusal::Newer { found: version }),
        _ => Ok(()),
    }
}

/// What is to be done, in order. `found` has passed [`check`].
///
/// On MySQL each statement is permanent at once. The order makes that safe: first the mark that it is
/// us who make Cinder's tables, last the revision and the step's number.
#[must_use]
pub fn plan(engine: Engine, found: &Version, names: &Names) -> Vec<Action> {
    let mut actions = Vec::new();
    ensure_table(engine, &ashlar::SCHEMA, names, &mut actions);
    if !matches!(found.cinder, CinderTables::At(_)) {
        if found.ashlar.is_none() {
            actions.push(Action::Record(0));
        }
        for table in cinder::TABLES {
            ensure_table(engine, table, names, &mut actions);
        }
        actions.push(Action::Seed);
    }
    let done = found.ashlar.unwrap_or(0);
    for step in ashlar::STEPS.iter().filter(|step| step.version > done) {
        for table in step.tables {
            ensure_table(engine, table, names, &mut actions);
        }
        for (table, column) in step.columns {
            if !names.columns.contains(&((*table).to_owned(), column.name.to_owned())) {
                actions.push(Action::Run(add_column(engine, table, column)));
            }
        }
        for (table, index) in step.indexes {
            if !names.indexes.contains(&((*table).to_owned(), index.name.to_owned())) {
                actions.push(Action::Run(create_index(engine, table, index)));
            }
        }
        actions.extend(step.fills.iter().map(|fill| Action::Run((*fill).to_owned())));
        actions.push(Action::Record(step.version));
    }
    actions
}

fn ensure_table(engine: Engine, table: &Table, names: &Names, actions: &mut Vec<Action>) {
    if !names.tables.contains(table.name) {
        actions.extend(create_table(engine, table).into_iter().map(Action::Run));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(revision: &str, ashlar: Option<i64>) -> Version {
        Version { cinder: CinderTables::At(revision.to_owned()), ashlar }
    }

    fn statements(actions: &[Action]) -> Vec<&str> {
        let run = actions.iter().filter_map(|action| match action {
            Action::Run(statement) => Some(statement.as_str()),
            Action::Seed | Action::Record(_) => None,
        });
        run.collect()
    }

    #[test]
    fn a_fresh_database_is_marked_as_ours_before_cinders_tables_and_seeded_after_them() {
        let empty = Version { cinder: CinderTables::Absent, ashlar: None };
        let actions = plan(Engine::Mysql, &empty, &Names::default());
        assert!(statements(&actions)[0].contains("ashlar_schema"));
        assert_eq!(actions[1], Action::Record(0));
        let seed = actions.iter().position(|action| *action == Action::Seed);
        assert_eq!(seed, Some(2 + cinder::TABLES.len()));
        assert_eq!(actions.last(), Some(&Action::Record(ashlar::version())));
    }

    #[test]
    fn a_database_of_cinders_gets_tables_and_indexes_of_ours_and_nothing_else() {
        let actions = plan(Engine::Postgres, &at(cinder::REVISION, None), &Names::default());
        assert!(!actions.contains(&Action::Seed));
        assert!(!actions.contains(&Action::Record(0)));
        for statement in statements(&actions) {
            let ours = statement.contains("\"ashlar_") || statement.starts_with("UPDATE ashlar_");
            assert!(ours, "{statement}");
        }
    }

    #[test]
    fn what_was_made_before_a_crash_is_not_made_again() {
        let begun = Version { cinder: CinderTables::Begun, ashlar: Some(0) };
        let mut names = Names::default();
        names.tables.extend(["ashlar_schema", "alembic_version", "services"].map(str::to_owned));
        names.indexes.insert(("volumes".to_owned(), "ashlar_ix_volumes_name".to_owned()));
        let actions = plan(Engine::Mysql, &begun, &names);
        let statements = statements(&actions);
        assert!(!actions.contains(&Action::Record(0)));
        assert!(statements[0].starts_with("CREATE TABLE `clusters`"));
        assert!(!statements.iter().any(|text| text.contains("`ashlar_ix_volumes_name`")));
    }

    #[test]
    fn a_database_at_an_earlier_step_gets_what_later_steps_add_and_it_does_not_have() {
        let mut names = Names::default();
        names.tables.extend(["ashlar_schema", "ashlar_notifications"].map(str::to_owned));
        names.columns.insert(("ashlar_pools".to_owned(), "made".to_owned()));
        let actions = plan(Engine::Mysql, &at(cinder::REVISION, Some(1)), &names);
        let statements = statements(&actions);
        let has = |start: &str| statements.iter().any(|text| text.starts_with(start));
        assert!(has("CREATE TABLE `ashlar_pool_sets`"), "{statements:?}");
        assert!(!has("CREATE TABLE `ashlar_flows`") && !has("CREATE TABLE `ashlar_notifications`"));
        let add = "ALTER TABLE `ashlar_pools` ADD COLUMN `unreported` BIGINT DEFAULT 0 NOT NULL";
        assert!(has(add), "{statements:?}");
        assert!(!has("ALTER TABLE `ashlar_pools` ADD COLUMN `made`"));
        assert!(!actions.contains(&Action::Record(1)));
        assert_eq!(actions.last(), Some(&Action::Record(ashlar::version())));
    }

    #[test]
    fn a_current_database_needs_nothing() {
        let mut names = Names::default();
        names.tables.insert("ashlar_schema".to_owned());
        let current = at(cinder::REVISION, Some(ashlar::version()));
        assert!(current.is_current());
        assert_eq!(plan(Engine::Sqlite, &current, &names), []);
    }

    #[test]
    fn a_refusal_names_the_revision_found_and_the_one_needed() {
        let older = check(&at("921e1a36b076", None)).expect_err("the first revision is too old");
        assert!(matches!(older, Refusal::Older { .. }));
        let unknown = check(&at("ffffffffffff", None)).expect_err("no such revision");
        assert!(matches!(unknown, Refusal::Unknown { .. }));
        for refusal in [older.to_string(), unknown.to_string()] {
            assert!(refusal.contains(cinder::REVISION), "{refusal}");
        }
        assert!(unknown.to_string().contains("ffffffffffff"));
        let newer = check(&at(cinder::REVISION, Some(99))).expect_err("from the future");
        assert_eq!(newer, Refusal::Newer { found: 99 });
    }
}
