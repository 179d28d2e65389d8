//! Names under which anybody may have a site: `com`, `co.uk`, `github.io`. The list is <https://publicsuffix.org/>.

/// Whether all hosts below this one are one owner's: it is neither a public suffix nor above one. On this machine
/// (`localhost`) there is one owner anyway.
pub(super) fn is_one_owners(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost" || psl::domain_str(host).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_may_have_a_name_below_is_not_one_owners() {
        let public = [
            "",
            ".",
            "com",
            "com.",
            "co.uk",
            "github.io",
            "s3.amazonaws.com",
            "xn--55qx5d.cn",
            "intranet",
        ];
        for host in public {
            assert!(!is_one_owners(host), "{host}");
        }
        for host in [
            "example.com",
            "shop.example.com",
            "example.co.uk",
            "ada.github.io",
            "example.xn--55qx5d.cn",
            "web.intranet",
            "localhost",
        ] {
            assert!(is_one_owners(host), "{host}");
        }
    }
}
