//! casegraph behind the common face.

use std::path::PathBuf;

use casegraph::rules::{Event, Matcher, RuleSet};

use super::{Engine, Failure};

/// A set of rules of casegraph; which lane an event takes it finds out by itself.
#[derive(Debug)]
pub struct Casegraph(RuleSet);

impl Engine for Casegraph {
    type Event = Event;
    type Matcher<'e> = Matcher;

    fn load(files: &[PathBuf]) -> Result<Casegraph, Failure> {
        let builder = files.iter().fold(RuleSet::builder(), |builder, file| builder.add_path(file));
        Ok(Casegraph(builder.build()?))
    }

    fn rules(&self) -> usize {
        self.0.len()
    }

    fn problems(&self) -> Vec<String> {
        self.0.problems().iter().filter(|problem| problem.left_out).map(ToString::to_string).collect()
    }

    fn read(&self, event: &mut Event, json: &[u8]) -> Result<(), Failure> {
        Ok(event.read(json)?)
    }

    fn matcher(&self) -> Matcher {
        self.0.matcher()
    }

    fn count(matcher: &mut Matcher, event: &Event) -> usize {
        matcher.matches(event).len()
    }

    fn names(matcher: &mut Matcher, event: &Event) -> Vec<String> {
        let hits = matcher.matches(event).to_vec();
        let rules = hits.into_iter().filter_map(|hit| matcher.rules().rule(hit));
        rules.map(|rule| rule.id().unwrap_or(rule.title()).to_owned()).collect()
    }
}
