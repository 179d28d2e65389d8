//! The crates depend on each other only in the directions that the architecture allows.

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Which crates of the workspace a crate may build on. A crate that is not listed has no place yet.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "vitrine",
        &[
            "vitrine-api",
            "vitrine-accounts",
            "vitrine-base",
            "vitrine-feeds",
            "vitrine-limits",
            "vitrine-people",
            "vitrine-tenancy",
            "vitrine-entity",
            "vitrine-instagram",
            "vitrine-migration",
            "vitrine-queue",
            "vitrine-redis",
            "vitrine-simulator",
            "vitrine-worker",
        ],
    ),
    (
        "vitrine-api",
        &[
            "vitrine-accounts",
            "vitrine-base",
            "vitrine-feeds",
            "vitrine-limits",
            "vitrine-people",
            "vitrine-tenancy",
            "vitrine-entity",
        ],
    ),
    ("vitrine-base", &["vitrine-entity"]),
    (
        "vitrine-limits",
        &["vitrine-base", "vitrine-entity", "vitrine-redis"],
    ),
    (
        "vitrine-people",
        &[
            "vitrine-base",
            "vitrine-limits",
            "vitrine-entity",
            "vitrine-redis",
        ],
    ),
    (
        "vitrine-feeds",
        &[
            "vitrine-base",
            "vitrine-limits",
            "vitrine-people",
            "vitrine-entity",
            "vitrine-redis",
        ],
    ),
    (
        "vitrine-accounts",
        &[
            "vitrine-base",
            "vitrine-limits",
            "vitrine-people",
            "vitrine-feeds",
            "vitrine-entity",
            "vitrine-instagram",
        ],
    ),
    (
        "vitrine-tenancy",
        &[
            "vitrine-base",
            "vitrine-limits",
            "vitrine-people",
            "vitrine-feeds",
            "vitrine-accounts",
            "vitrine-entity",
        ],
    ),
    ("vitrine-entity", &[]),
    ("vitrine-instagram", &[]),
    ("vitrine-migration", &[]),
    ("vitrine-queue", &["vitrine-redis"]),
    ("vitrine-redis", &[]),
    (
        "vitrine-bench",
        &[
            "vitrine-accounts",
            "vitrine-base",
            "vitrine-feeds",
            "vitrine-entity",
            "vitrine-migration",
            "vitrine-queue",
            "vitrine-simulator",
            "vitrine-test-support",
        ],
    ),
    ("vitrine-simulator", &[]),
    ("vitrine-test-support", &[]),
    (
        "vitrine-worker",
        &[
            "vitrine-accounts",
            "vitrine-base",
            "vitrine-people",
            "vitrine-tenancy",
            "vitrine-entity",
            "vitrine-instagram",
            "vitrine-queue",
        ],
    ),
];

/// Frameworks, by the beginning of their crates' names, and who may build on them.
const FRAMEWORKS: &[(&str, &[&str])] = &[
    // The yardstick of the feed's measurements is a bare actix-web handler.
    ("actix", &["vitrine-api", "vitrine-bench"]),
    ("apalis", &["vitrine-queue", "vitrine-worker"]),
    ("axum", &["vitrine-simulator"]),
];

/// The crates of the workspace, as their manifests have them; needs no network.
fn workspace() -> Vec<Package> {
    let mut command = MetadataCommand::new();
    command
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .no_deps();
    command.exec().unwrap().packages
}

/// What the product builds on in this crate: tests may use more, and what helps them is optional.
fn built_on(package: &Package) -> impl Iterator<Item = &str> {
    let dependencies = package.dependencies.iter();
    dependencies
        .filter(|found| found.kind != DependencyKind::Development && !found.optional)
        .map(|found| found.name.as_str())
}

fn allowed_for(name: &str) -> Option<&'static [&'static str]> {
    ARROWS.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

#[test]
fn every_crate_has_a_place_in_the_architecture() {
    for package in workspace() {
        let name = package.name.as_str();

        assert!(
            allowed_for(name).is_some(),
            "{name} is new: say in ARROWS which crates it may build on"
        );
    }
}

#[test]
fn crates_build_only_on_what_the_architecture_allows() {
    let workspace = workspace();
    for package in &workspace {
        let from = package.name.as_str();
        let allowed = allowed_for(from).unwrap_or_default();
        let ours =
            built_on(package).filter(|name| workspace.iter().any(|other| other.name.as_str() == *name));
        for to in ours {
            assert!(
                allowed.contains(&to),
                "{from} must not build on {to}; it may build on {allowed:?}"
            );
        }
    }
}

/// The crates that may build on this one, if it belongs to a framework.
fn home_of(name: &str) -> Option<&'static [&'static str]> {
    FRAMEWORKS
        .iter()
        .find(|(framework, _)| name.starts_with(framework))
        .map(|(_, home)| *home)
}

#[test]
fn frameworks_stay_in_their_crates() {
    for package in workspace() {
        let from = package.name.as_str();
        for (to, home) in built_on(&package).filter_map(|to| Some((to, home_of(to)?))) {
            assert!(
                home.contains(&from),
                "{from} must not build on {to}: only {home:?} may"
            );
        }
    }
}
