//! Signed links to Instagram's content servers.

use chrono::{DateTime, Utc};
use url::Url;

/// When a media link stops working, read from its `oe` parameter (Unix seconds in hexadecimal).
///
/// `None` when the text is no absolute URL or carries no readable `oe`. Links live hours (videos) to days
/// (images); after that the same link answers 403 for good and the media has to be read anew.
pub fn link_expires_at(url: &str) -> Option<DateTime<Utc>> {
    let url = Url::parse(url).ok()?;
    let (_, hex) = url.query_pairs().find(|(name, _)| name == "oe")?;
    let seconds = i64::from(u32::from_str_radix(&hex, 16).ok()?);
    DateTime::from_timestamp(seconds, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expiry_is_read_from_hexadecimal_unix_seconds() {
        let link = "https://scontent.cdninstagram.com/v/t51/1_n.jpg?_nc_cat=1&ccb=1-3&oh=abc&oe=6104320C";

        assert_eq!(
            link_expires_at(link).unwrap().to_rfc3339(),
            "2021-07-30T17:08:28+00:00"
        );
    }

    #[test]
    fn links_without_a_readable_expiry_have_none() {
        for link in [
            "",
            "not a url",
            "/v/1.jpg?oe=6104320C",
            "https://h/1.jpg",
            "https://h/?oe=",
            "https://h/?oe=zz",
            "https://h/?oe=-5",
            "https://h/?oe=FFFFFFFFFFFFFFFFFF",
        ] {
            assert_eq!(link_expires_at(link), None, "{link}");
        }
    }
}
