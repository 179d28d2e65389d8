//! Routes and methods as metrics and the log name them.

use actix_web::http::Method;

/// A slash that an address may end with.
const OPTIONAL_SLASH: &str = "{slash}";

/// A route without the expressions that its parameters match, without a slash that may be left out, and without what
/// only empty scopes add.
pub(crate) fn plain(pattern: &str) -> String {
    let mut route = String::with_capacity(pattern.len());
    let mut depth = 0_u32;
    let mut in_expression = false;
    for letter in pattern.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 1 => in_expression = true,
            _ => {}
        }
        if depth == 0 {
            in_expression = false;
        }
        let doubled = letter == '/' && route.ends_with('/');
        if !in_expression && !doubled {
            route.push(letter);
        }
    }
    route.replace(OPTIONAL_SLASH, "")
}

/// Methods by name; invented ones share a label, so that nobody can fill the metrics.
pub(super) fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn routes_are_told_without_expressions() {
        for (pattern, route) in [
            ("/v1/feeds/{feed_id}/photos", "/v1/feeds/{feed_id}/photos"),
            ("/docs/{file:.*}", "/docs/{file}"),
            ("/graph/{version:v[0-9]{1,2}}/me", "/graph/{version}/me"),
            ("/graph/me{slash:/?}", "/graph/me"),
            ("//metrics", "/metrics"),
        ] {
            assert_eq!(plain(pattern), route);
        }
    }
}
