//! What a path below the Graph root asks for.

use crate::calls::Endpoint;

/// The version that unversioned calls are answered by.
const DEFAULT_VERSION: &str = "v25.0";
/// The oldest version alive; older ones are answered by it.
const OLDEST: u32 = 21;
const NEWEST: u32 = 26;

/// Whom or what a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node<'a> {
    Me,
    Id(&'a str),
}

/// What hangs on the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Itself,
    Media,
    Children,
    Stories,
    Permissions,
    SubscribedApps,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target<'a> {
    LongLived,
    Refresh,
    Object(Node<'a>, Edge),
    Unknown(String),
}

/// A path, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GraphPath<'a> {
    /// The version that answers, for links to further pages.
    pub(super) version: String,
    pub(super) target: Target<'a>,
}

impl<'a> GraphPath<'a> {
    pub(super) fn parse(path: &'a str) -> Self {
        let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let version = segments.first().and_then(|first| version(first));
        if version.is_some() {
            segments.remove(0);
        }
        Self {
            version: version.unwrap_or_else(|| DEFAULT_VERSION.to_owned()),
            target: target(&segments),
        }
    }

    /// The name for faults and the log. A bare id is a media unless it is known to be an account's.
    pub(super) fn endpoint(&self, is_account: impl Fn(&str) -> bool) -> Endpoint {
        match &self.target {
            Target::LongLived => Endpoint::LongLived,
            Target::Refresh => Endpoint::Refresh,
            Target::Unknown(_) => Endpoint::Unknown,
            Target::Object(node, edge) => match (edge, node) {
                (Edge::Itself, Node::Me) => Endpoint::User,
                (Edge::Itself, Node::Id(id)) if is_account(id) => Endpoint::User,
                (Edge::Itself, Node::Id(_)) => Endpoint::Media,
                (Edge::Media, _) => Endpoint::MediaList,
                (Edge::Children, _) => Endpoint::Children,
                (Edge::Stories, _) => Endpoint::Stories,
                (Edge::Permissions, _) => Endpoint::Permissions,
                (Edge::SubscribedApps, _) => Endpoint::SubscribedApps,
            },
        }
    }
}

fn target<'a>(segments: &[&'a str]) -> Target<'a> {
    let node = |name: &'a str| if name == "me" { Node::Me } else { Node::Id(name) };
    match segments {
        ["access_token"] => Target::LongLived,
        ["refresh_access_token"] => Target::Refresh,
        [name] => Target::Object(node(name), Edge::Itself),
        [name, "media"] => Target::Object(node(name), Edge::Media),
        [name, "children"] => Target::Object(node(name), Edge::Children),
        [name, "stories"] => Target::Object(node(name), Edge::Stories),
        [name, "permissions"] => Target::Object(node(name), Edge::Permissions),
        [name, "subscribed_apps"] => Target::Object(node(name), Edge::SubscribedApps),
        _ => Target::Unknown(segments.join("/")),
    }
}

fn version(segment: &str) -> Option<String> {
    let (major, minor) = segment.strip_prefix('v')?.split_once('.')?;
    let (major, minor): (u32, u32) = (major.parse().ok()?, minor.parse().ok()?);
    (major <= NEWEST && minor == 0).then(|| format!("v{}.0", major.max(OLDEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_may_stand_before_any_path() {
        let versioned = GraphPath::parse("/v24.0/me/media");
        assert_eq!(versioned.version, "v24.0");
        assert_eq!(versioned.target, Target::Object(Node::Me, Edge::Media));
        assert_eq!(GraphPath::parse("/v3.0/1/children").version, "v21.0");
        assert_eq!(GraphPath::parse("/me").version, DEFAULT_VERSION);
        assert_eq!(
            GraphPath::parse("/a/b/c").target,
            Target::Unknown("a/b/c".to_owned())
        );
    }
}
