//! What an operator should know of the settings at the start: one line each, with the setting that mends it.

use url::Url;
use vitrine_base::web::address::is_loopback;

use super::Settings;

/// Warns of what is wrong for a process that answers requests in front of the real Instagram.
pub(crate) fn warn_answering(settings: &Settings, public_url: &Url) {
    for line in [reachable_problem(public_url), open_registration(settings)] {
        warn(line);
    }
}

/// Warns of what is wrong for a process that sends emails.
pub(crate) fn warn_sending(settings: &Settings) {
    warn(mail_goes_nowhere(settings));
}

fn warn(line: Option<String>) {
    if let Some(line) = line {
        tracing::warn!("{line}");
    }
}

fn reachable_problem(public_url: &Url) -> Option<String> {
    if public_url.host_str().is_some_and(is_loopback) {
        return Some(format!(
            "server.public_url is {public_url}, which only this machine can reach: neither Instagram nor the links in \
             emails can bring people here; set server.public_url to the https address that people use"
        ));
    }
    (public_url.scheme() == "http").then(|| {
        format!(
            "server.public_url is {public_url}, without TLS: Instagram sends people back to https addresses only, and \
             passwords travel in clear text; put a proxy that speaks TLS in front of Vitrine and set \
             server.public_url to its https address"
        )
    })
}

fn open_registration(settings: &Settings) -> Option<String> {
    settings.signup.enabled.then(|| {
        "anybody can register on this server; to be the only one, register and then set signup.enabled = false"
            .to_owned()
    })
}

fn mail_goes_nowhere(settings: &Settings) -> Option<String> {
    settings.mail.url.is_none().then(|| {
        format!(
            "mail.url is not set: emails, such as those for a forgotten password, only become files in {}; set \
             mail.url and mail.from to send them",
            settings.mail_directory().display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_instagram_cannot_use_is_told_of() {
        for (address, expected) in [
            ("http://127.0.0.1:8080/", Some("only this machine")),
            ("https://localhost/", Some("only this machine")),
            ("http://[::1]:8080/", Some("only this machine")),
            ("http://feeds.example.com/", Some("without TLS")),
            ("http://192.168.1.20:8080/", Some("without TLS")),
            ("https://feeds.example.com/", None),
        ] {
            let told = reachable_problem(&Url::parse(address).unwrap());
            match expected {
                Some(words) => {
                    let told = told.unwrap();
                    assert!(
                        told.contains(words) && told.contains("set server.public_url"),
                        "{told}"
                    );
                }
                None => assert_eq!(told, None),
            }
        }
    }

    #[test]
    fn what_is_decided_is_not_told_of() {
        let mut settings = Settings::default();
        assert!(open_registration(&settings).is_some() && mail_goes_nowhere(&settings).is_some());

        settings.signup.enabled = false;

        assert!(open_registration(&settings).is_none());
    }
}
