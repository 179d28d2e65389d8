//! The HTTP API: routes, authentication, problems, public feeds.
