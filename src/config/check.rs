//! What each setting alone cannot know: whether they go together, and whether they are enough for a role.

use std::time::Duration;

use url::Url;
use vitrine_base::web::address::is_loopback;

use super::Settings;
use crate::failure::Failure;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

impl Settings {
    /// Refuses combinations that cannot be right in any role.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let problems: Vec<String> = [
            self.credentials_problem(),
            self.instagram_address_problem(),
            self.refresh_problem(),
            self.refresh_every_problem(),
            self.refresh_age_problem(),
            self.sync_problem(),
            self.tick_problem(),
            self.lease_problem(),
            self.listener_problem(),
            self.sender_problem(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Failure::Configuration(problems))
        }
    }

    /// Refuses to run `api` or `worker` with less than they need.
    pub(crate) fn check_distributed(&self) -> Result<(), Failure> {
        let mut problems = Vec::new();
        if self.security.master_key.is_none() {
            problems.push(
                "security.master_key is missing: set VITRINE_SECURITY__MASTER_KEY to the output of \
                 `openssl rand -base64 32`, the same for every process"
                    .to_owned(),
            );
        }
        if self.instagram_client().is_none() {
            problems.push(
                "Instagram credentials are missing: set instagram.client_id and instagram.client_secret"
                    .to_owned(),
            );
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Failure::Configuration(problems))
        }
    }

    /// Refuses to run `up` when it is clear neither which Instagram to talk to nor that none is wanted.
    pub(crate) fn check_up(&self) -> Result<(), Failure> {
        match (self.instagram_client().is_some(), self.demo_enabled()) {
            (false, false) => Err(Failure::configuration(
                "Instagram credentials are missing: set instagram.client_id and instagram.client_secret, or \
                 demo.enabled = true for a local demo",
            )),
            (true, true) => Err(Failure::configuration(
                "demo.enabled brings its own Instagram: remove instagram.client_id and instagram.client_secret, or \
                 demo.enabled",
            )),
            _ => Ok(()),
        }
    }

    fn credentials_problem(&self) -> Option<String> {
        match (&self.instagram.client_id, &self.instagram.client_secret) {
            (Some(_), None) => {
                Some("instagram.client_secret is missing while instagram.client_id is set".to_owned())
            }
            (None, Some(_)) => {
                Some("instagram.client_id is missing while instagram.client_secret is set".to_owned())
            }
            _ => None,
        }
    }

    fn instagram_address_problem(&self) -> Option<String> {
        let section = &self.instagram;
        let addresses = [
            ("authorize_url", &section.authorize_url),
            ("token_url", &section.token_url),
            ("graph_url", &section.graph_url),
        ];
        let (name, _) = addresses
            .into_iter()
            .find(|(_, url)| url.as_ref().is_some_and(|url| !carries_secrets(url)))?;
        Some(format!(
            "instagram.{name} must be https, or http to a loopback host"
        ))
    }

    fn refresh_problem(&self) -> Option<String> {
        (self.schedule.refresh_min_age > self.schedule.refresh_every)
            .then(|| "schedule.refresh_min_age must not be longer than schedule.refresh_every".to_owned())
    }

    /// A token lives for sixty days; what is left is for trying again.
    fn refresh_every_problem(&self) -> Option<String> {
        (self.schedule.refresh_every > DAY * 50)
            .then(|| "schedule.refresh_every must be at most 50d: a token dies after 60 days".to_owned())
    }

    fn refresh_age_problem(&self) -> Option<String> {
        (self.schedule.refresh_min_age < DAY).then(|| {
            "schedule.refresh_min_age must be at least 24h: Instagram refuses younger tokens".to_owned()
        })
    }

    /// Links to pictures die after a few days, and every sync costs calls.
    fn sync_problem(&self) -> Option<String> {
        (!(MINUTE * 5..=DAY * 2).contains(&self.schedule.sync_every))
            .then(|| "schedule.sync_every must be between 5m and 2d".to_owned())
    }

    fn tick_problem(&self) -> Option<String> {
        (!(Duration::from_millis(10)..=MINUTE).contains(&self.schedule.tick))
            .then(|| "schedule.tick must be between 10ms and 1m".to_owned())
    }

    /// A lease is renewed by a process that lives; much shorter, and a busy one loses what it runs.
    fn lease_problem(&self) -> Option<String> {
        (!(Duration::from_secs(1)..=MINUTE * 10).contains(&self.worker.lease))
            .then(|| "worker.lease must be between 1s and 10m".to_owned())
    }

    fn sender_problem(&self) -> Option<String> {
        (self.mail.url.is_some() && self.mail.from.is_none())
            .then(|| "mail.from is missing while mail.url is set".to_owned())
    }

    fn listener_problem(&self) -> Option<String> {
        let same = self.server.metrics_listen == Some(self.server.listen) && self.server.listen.port() != 0;
        same.then(|| "server.metrics_listen must differ from server.listen".to_owned())
    }
}

/// Whether tokens may be sent there: encrypted, or never leaving this machine.
fn carries_secrets(url: &Url) -> bool {
    let safe = url.scheme() == "https" || (url.scheme() == "http" && url.host_str().is_some_and(is_loopback));
    safe && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(change: impl FnOnce(&mut Settings)) -> Vec<String> {
        let mut settings = Settings::default();
        change(&mut settings);
        match settings.check() {
            Err(Failure::Configuration(problems)) => problems,
            _ => Vec::new(),
        }
    }

    #[test]
    fn the_defaults_go_together() {
        assert!(problems(|_| ()).is_empty());
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let found = problems(|settings| {
            settings.server.metrics_listen = Some(settings.server.listen);
            settings.instagram.client_id = Some("1".to_owned());
            settings.instagram.graph_url = Url::parse("http://graph.example/").ok();
            settings.schedule.refresh_every = std::time::Duration::from_secs(60);
        });
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn up_needs_an_app_or_the_demo_and_not_both() {
        let mut settings = Settings::default();
        assert!(settings.check_up().is_ok() && settings.check_distributed().is_err());
        settings.demo.enabled = Some(false);
        assert!(settings.check_up().is_err());
        settings.instagram.client_id = Some("1".to_owned());
        settings.instagram.client_secret = Some("secret".into());
        assert!(settings.check_up().is_ok());
        settings.demo.enabled = Some(true);
        assert!(settings.check_up().is_err());
    }
}
