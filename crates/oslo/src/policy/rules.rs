//! All rules of a service, with their references resolved.

use std::collections::{BTreeSet, HashMap};

use super::check::{Check, Leaf, Node};
use super::error::RulesError;
use super::explain;
use super::facts::Facts;

/// Most checks that one question may come to, references followed.
const MOST_CHECKS: u64 = 100_000;
/// Most references and parentheses within each other.
const DEEPEST: usize = 500;

/// What a rule says, not parsed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// In the policy language.
    Text(String),
    /// In the older form: one of the outer list, all of the inner.
    Lists(Vec<Vec<String>>),
}

impl Definition {
    fn parse(&self) -> Result<Check, super::ParseError> {
        match self {
            Self::Text(text) => Check::parse(text),
            Self::Lists(lists) => Check::parse_lists(lists),
        }
    }
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What it says.
    pub check: Check,
}

/// Rules that go together.
#[derive(Debug, Clone)]
pub struct Rules {
    rules: Vec<Rule>,
    places: HashMap<String, usize>,
}

impl Rules {
    /// Parses rules and puts them together; of two with one name the later counts. A reference to a rule that there is not
    /// means the rule named `default_rule`, and nobody when there is none of that name either.
    ///
    /// # Errors
    /// A text is no rule; rules refer to each other in a circle; or a question could take too long.
    pub fn compile<'a>(
        definitions: impl IntoIterator<Item = (&'a str, &'a Definition)>,
        default_rule: &str,
    ) -> Result<Self, RulesError> {
        let mut made = Self { rules: Vec::new(), places: HashMap::new() };
        for (name, definition) in definitions {
            let check = definition
                .parse()
                .map_err(|error| RulesError::Parse { rule: name.to_owned(), error })?;
            let rule = Rule { name: name.to_owned(), check };
            match made.places.get(name) {
                Some(&at) => made.rules[at] = rule,
                None => {
                    made.places.insert(name.to_owned(), made.rules.len());
                    made.rules.push(rule);
                }
            }
        }
        let fallback = made.places.get(default_rule).copied();
        for rule in &mut made.rules {
            resolve(&mut rule.check, &made.places, fallback);
        }
        Costs { rules: &made, known: vec![Cost::Unknown; made.rules.len()], path: Vec::new() }
            .check()?;
        Ok(made)
    }

    /// The rule of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Rule> {
        self.places.get(name).map(|&at| &self.rules[at])
    }

    /// Every rule, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// Whether a caller with these credentials passes the rule `name` for `target`; none when there is no such rule.
    #[must_use]
    pub fn passes(&self, name: &str, credentials: &dyn Facts, target: &dyn Facts) -> Option<bool> {
        Some(self.get(name)?.check.passes(self, credentials, target))
    }

    /// The answer to the same question with that of each part, a line each, indented.
    #[must_use]
    pub fn explain(
        &self,
        name: &str,
        credentials: &dyn Facts,
        target: &dyn Facts,
    ) -> Option<String> {
        Some(explain::explain(self, self.get(name)?, credentials, target))
    }

    /// Names of rules that are referred to and not there, each with the rule that refers to it.
    #[must_use]
    pub fn missing(&self) -> BTreeSet<(String, String)> {
        let mut missing = BTreeSet::new();
        for rule in &self.rules {
            rule.check.each_leaf(&mut |text, leaf| {
                if let (Leaf::Rule(_), Some(name)) = (leaf, text.strip_prefix("rule:"))
                    && !self.places.contains_key(name)
                {
                    missing.insert((name.to_owned(), rule.name.clone()));
                }
            });
        }
        missing
    }

    /// Names of the credentials that rules look at, each with the rule.
    #[must_use]
    pub fn credentials(&self) -> BTreeSet<(String, String)> {
        self.names(|leaf, found| {
            if let Leaf::Compare(left, _) = leaf {
                found.extend(left.name());
            }
        })
    }

    /// Names of the target's values that rules look at, each with the rule.
    #[must_use]
    pub fn target_values(&self) -> BTreeSet<(String, String)> {
        self.names(|leaf, found| match leaf {
            Leaf::Compare(_, template) | Leaf::Role(template) => {
                found.extend(template.names().map(str::to_owned));
            }
            Leaf::Rule(_) => {}
        })
    }

    fn names(&self, names: impl Fn(&Leaf, &mut Vec<String>)) -> BTreeSet<(String, String)> {
        let mut all = BTreeSet::new();
        for rule in &self.rules {
            rule.check.each_leaf(&mut |_, leaf| {
                let mut found = Vec::new();
                names(leaf, &mut found);
                all.extend(found.into_iter().map(|name| (name, rule.name.clone())));
            });
        }
        all
    }

    pub(super) fn at(&self, place: usize) -> &Rule {
        &self.rules[place]
    }
}

fn resolve(check: &mut Check, places: &HashMap<String, usize>, fallback: Option<usize>) {
    if let Node::Leaf(text, Leaf::Rule(place)) = &mut check.0 {
        let name = text.strip_prefix("rule:").unwrap_or_default();
        *place = places.get(name).copied().or(fallback);
    }
    for part in check.parts_mut() {
        resolve(part, places, fallback);
    }
}

/// How many checks a rule comes to, as far as it is known.
#[derive(Debug, Clone, Copy)]
enum Cost {
    Unknown,
    /// Being counted: whoever meets it again has come around in a circle.
    Open,
    Known(u64),
}

struct Costs<'r> {
    rules: &'r Rules,
    known: Vec<Cost>,
    path: Vec<usize>,
}

impl Costs<'_> {
    fn check(&mut self) -> Result<(), RulesError> {
        for at in 0..self.known.len() {
            self.of_rule(at, 0)?;
        }
        Ok(())
    }

    fn of_rule(&mut self, at: usize, depth: usize) -> Result<u64, RulesError> {
        let name = |at: usize| self.rules.at(at).name.as_str();
        match self.known[at] {
            Cost::Known(cost) => return Ok(cost),
            Cost::Open => {
                let start = self.path.iter().position(|&other| other == at).unwrap_or_default();
                let circle: Vec<&str> =
                    self.path[start..].iter().chain([&at]).map(|&at| name(at)).collect();
                let (rule, circle) = (name(at).to_owned(), circle.join(" -> "));
                return Err(RulesError::Circle { rule, circle });
            }
            Cost::Unknown => {}
        }
        self.known[at] = Cost::Open;
        self.path.push(at);
        let rules = self.rules;
        let cost = self.of_check(&rules.at(at).check, depth + 1)?;
        self.path.pop();
        self.known[at] = Cost::Known(cost);
        Ok(cost)
    }

    fn too_large(&self) -> RulesError {
        let at = self.path.last().copied().unwrap_or_default();
        RulesError::TooLarge { rule: self.rules.at(at).name.clone() }
    }

    fn of_check(&mut self, check: &Check, depth: usize) -> Result<u64, RulesError> {
        if depth > DEEPEST {
            return Err(self.too_large());
        }
        let mut cost = 1_u64;
        if let Node::Leaf(_, Leaf::Rule(Some(at))) = check.0 {
            cost = cost.saturating_add(self.of_rule(at, depth)?);
        }
        for part in check.parts() {
            cost = cost.saturating_add(self.of_check(part, depth + 1)?);
        }
        if cost > MOST_CHECKS { Err(self.too_large()) } else { Ok(cost) }
    }
}

#[cfg(test)]
mod tests;
