//! Circles among the modules that stand side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::source::{Modules, Place};

/// Modules within one room, each of which reaches all others.
pub(super) struct Circle {
    room: Place,
    pub(super) members: Vec<String>,
    /// One reference for each arrow between two members.
    arrows: Vec<String>,
}

impl fmt::Display for Circle {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let room: String = self.room.iter().map(|name| format!("::{name}")).collect();
        write!(to, "crate{room}: {}", self.members.join(", "))?;
        self.arrows
            .iter()
            .try_for_each(|arrow| write!(to, "\n    {arrow}"))
    }
}

/// Who refers to whom within one room, with one reference as an example.
type Arrows = BTreeMap<(String, String), String>;

/// All circles of a crate.
pub(super) fn circles(modules: &Modules) -> Vec<Circle> {
    let rooms = arrows_by_room(modules).into_iter();
    rooms
        .flat_map(|(room, arrows)| circles_in(&room, &arrows))
        .collect()
}

fn arrows_by_room(modules: &Modules) -> BTreeMap<Place, Arrows> {
    let mut rooms: BTreeMap<Place, Arrows> = BTreeMap::new();
    for (from, path) in modules.references() {
        let Some(to) = modules.home_of(from, path) else {
            continue;
        };
        let common = from
            .iter()
            .zip(&to)
            .take_while(|(one, other)| one == other)
            .count();
        // A module and what stands within it are one.
        if let (Some(one), Some(other)) = (from.get(common), to.get(common)) {
            let arrows = rooms.entry(from[..common].to_vec()).or_default();
            let example = || format!("{} refers to {}", from.join("::"), path.join("::"));
            arrows.entry((one.clone(), other.clone())).or_insert_with(example);
        }
    }
    rooms
}

fn circles_in(room: &Place, arrows: &Arrows) -> Vec<Circle> {
    let names: BTreeSet<&String> = arrows.keys().map(|(from, _)| from).collect();
    let reached: BTreeMap<_, _> = names
        .iter()
        .map(|name| (*name, reached_from(name, arrows)))
        .collect();
    let mut found: Vec<Vec<&String>> = Vec::new();
    for (name, reach) in &reached {
        let known = found.iter().any(|members| members.contains(name));
        if reach.contains(*name) && !known {
            let back = |other: &&&String| reach.contains(**other) && reached[**other].contains(*name);
            found.push(names.iter().filter(back).copied().collect());
        }
    }
    found
        .into_iter()
        .map(|members| circle(room, &members, arrows))
        .collect()
}

fn reached_from<'a>(start: &'a str, arrows: &'a Arrows) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        let next = arrows.keys().filter(|(from, _)| from == at).map(|(_, to)| to);
        open.extend(next.filter(|to| reached.insert(*to)).map(String::as_str));
    }
    reached
}

fn circle(room: &Place, members: &[&String], arrows: &Arrows) -> Circle {
    let within = arrows
        .iter()
        .filter(|((from, to), _)| members.contains(&from) && members.contains(&to));
    Circle {
        room: room.clone(),
        members: members.iter().map(|name| (*name).clone()).collect(),
        arrows: within.map(|(_, example)| example.clone()).collect(),
    }
}
