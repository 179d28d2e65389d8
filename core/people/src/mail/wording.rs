//! What emails say.

mod plain_text;
mod template;

use super::{Email, Notice, SiteEvent};
use plain_text::{plain, plain_address};
use template::EmailTemplate;
use vitrine_entity::Time;

/// What an email says.
pub(super) fn wording(email: &Email) -> EmailTemplate {
    match email {
        Email::VerifyEmail { name, link, .. } => verify_email(name, link),
        Email::ResetPassword { name, link, .. } => reset_password(name, link),
        Email::Invitation {
            inviter,
            site,
            role,
            link,
            ..
        } => invitation(inviter, site, role, link),
        Email::SecurityNotice { name, notice, at, .. } => security_notice(name, notice, &written(*at)),
        Email::SiteNotice {
            name, site, news, at, ..
        } => site_notice(name, &plain(site), news, &written(*at)),
    }
}

fn verify_email(name: &str, link: &str) -> EmailTemplate {
    EmailTemplate {
        subject: "Confirm your email address".to_owned(),
        paragraphs: vec![
            format!("Hello {},", plain(name)),
            "Please confirm that this email address is yours, so that we can reach you when an account needs you."
                .to_owned(),
            "The link works once, within one day.".to_owned(),
        ],
        link: Some(("Confirm the address", link.to_owned())),
        closing: "You did not give us this address? Then ignore this email, and nothing will happen.",
    }
}

fn reset_password(name: &str, link: &str) -> EmailTemplate {
    EmailTemplate {
        subject: "Choose a new password".to_owned(),
        paragraphs: vec![
            format!("Hello {},", plain(name)),
            "Somebody, hopefully you, asked for a new password for your account.".to_owned(),
            "The link works once, within one hour. Choosing a new password logs you out everywhere."
                .to_owned(),
        ],
        link: Some(("Choose a new password", link.to_owned())),
        closing: "You did not ask for this? Then ignore this email: your password stays as it is.",
    }
}

fn invitation(inviter: &str, site: &str, role: &str, link: &str) -> EmailTemplate {
    let (inviter, site) = (plain(inviter), plain(site));
    EmailTemplate {
        subject: format!("You are invited to {site}"),
        paragraphs: vec![
            "Hello,".to_owned(),
            format!("{inviter} invites you to join {site} as {}.", plain(role)),
            "The link works once, and only for this email address.".to_owned(),
        ],
        link: Some(("Accept the invitation", link.to_owned())),
        closing: "You do not know what this is about? Then ignore this email, and nothing will happen.",
    }
}

/// A moment as emails write it.
fn written(moment: Time) -> String {
    moment.format("%Y-%m-%d at %H:%M UTC").to_string()
}

fn site_notice(name: &str, site: &str, news: &SiteEvent, moment: &str) -> EmailTemplate {
    let (subject, sentence) = match news {
        SiteEvent::DeletionAsked { begins } => (
            "Your site is going to be deleted",
            format!(
                "On {moment}, an owner of {site} asked for it to be deleted with everything in it: accounts, feeds, \
                 keys and members. The deletion begins on {}. Until then, an owner can cancel it; after that, nobody \
                 can.",
                written(*begins)
            ),
        ),
        SiteEvent::OwnershipGiven { to } => (
            "You handed over your site",
            format!(
                "On {moment}, you made {} the owner of {site}. You are an admin there now.",
                plain(to)
            ),
        ),
        SiteEvent::OwnerMade { who } => (
            "Your site has a new owner",
            format!("On {moment}, {} became an owner of {site}.", plain(who)),
        ),
        SiteEvent::OwnerGone { who } => (
            "Your site has lost an owner",
            format!("As of {moment}, {} is no longer an owner of {site}.", plain(who)),
        ),
        SiteEvent::OwnershipReceived { from } => (
            "You are now the owner of a site",
            format!("On {moment}, {} made you the owner of {site}.", plain(from)),
        ),
    };
    EmailTemplate {
        subject: subject.to_owned(),
        paragraphs: vec![
            format!("Hello {},", plain(name)),
            sentence,
            "Is this what you and the other owners want? Then there is nothing to do. If not, choose a new password \
             at once, and check your sessions and the members of the site."
                .to_owned(),
        ],
        link: None,
        closing: "We send this email when something happens to a whole site of yours.",
    }
}

fn security_notice(name: &str, notice: &Notice, moment: &str) -> EmailTemplate {
    let (subject, sentence) = match notice {
        Notice::PasswordChanged => (
            "Your password was changed",
            format!("The password of your account was changed on {moment}. Your other sessions have ended."),
        ),
        Notice::EmailChanged { new } => (
            "Your email address is being changed",
            format!(
                "On {moment}, another email address was given for your account: {}.",
                plain_address(new)
            ),
        ),
        Notice::SecondFactorOn => (
            "Logging in now needs a code",
            format!("A second factor was enabled for your account on {moment}."),
        ),
        Notice::SecondFactorOff => (
            "Logging in no longer needs a code",
            format!("The second factor of your account was disabled on {moment}."),
        ),
        Notice::RecoveryCodeUsed { left } => (
            "A recovery code was used",
            format!(
                "Somebody logged in to your account with a recovery code on {moment}. Recovery codes left: {left}."
            ),
        ),
        Notice::KeysEnded { keys } => (
            "API keys of your account have ended",
            format!(
                "API keys of your account ended on {moment} ({keys} in all). They were created before your email \
                 address was confirmed, so they could be anybody's. Create new ones where you need them. A second \
                 factor from before is disabled."
            ),
        ),
        Notice::CodesGuessed => (
            "Someone is trying codes for your account",
            format!(
                "By {moment}, twenty codes in a row were wrong, each after the right password. For now, only a few are \
                 checked each day; a recovery code always is."
            ),
        ),
    };
    EmailTemplate {
        subject: subject.to_owned(),
        paragraphs: vec![
            format!("Hello {},", plain(name)),
            sentence,
            "Was it you? Then there is nothing to do. If not, choose a new password at once, and check your sessions."
                .to_owned(),
        ],
        link: None,
        closing: "We send this email when something changes about how you log in.",
    }
}

#[cfg(test)]
mod tests;
