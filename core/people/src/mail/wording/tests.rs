//! What every email has, and what no name can put into one.

use super::*;
use vitrine_base::clock::{Clock, SystemClock};

const LINK: &str = "https://vitrine.example/accept-invitation#token=a&b";

fn letters() -> Vec<Email> {
    let (to, name, link) = ("a@b.example".to_owned(), "Ada".to_owned(), LINK.to_owned());
    let notice = |notice| Email::SecurityNotice {
        to: "a@b.example".to_owned(),
        name: "Ada".to_owned(),
        notice,
        at: SystemClock.now(),
    };
    let about_the_site = |news| Email::SiteNotice {
        to: "a@b.example".to_owned(),
        name: "Ada".to_owned(),
        site: "Ada's site".to_owned(),
        news,
        at: SystemClock.now(),
    };
    vec![
        Email::VerifyEmail {
            to: to.clone(),
            name: name.clone(),
            link: link.clone(),
        },
        Email::ResetPassword {
            to: to.clone(),
            name,
            link: link.clone(),
        },
        Email::Invitation {
            to,
            inviter: "Ada".to_owned(),
            site: "Ada's site".to_owned(),
            role: "admin".to_owned(),
            link,
        },
        notice(Notice::PasswordChanged),
        notice(Notice::EmailChanged {
            new: "a***@c.example".to_owned(),
        }),
        notice(Notice::SecondFactorOn),
        notice(Notice::SecondFactorOff),
        notice(Notice::RecoveryCodeUsed { left: 9 }),
        notice(Notice::KeysEnded { keys: 2 }),
        notice(Notice::CodesGuessed),
        about_the_site(SiteEvent::DeletionAsked {
            begins: SystemClock.now(),
        }),
        about_the_site(SiteEvent::OwnershipGiven { to: "Bob".to_owned() }),
        about_the_site(SiteEvent::OwnerMade {
            who: "Bob".to_owned(),
        }),
        about_the_site(SiteEvent::OwnerGone {
            who: "Bob".to_owned(),
        }),
        about_the_site(SiteEvent::OwnershipReceived {
            from: "Bob".to_owned(),
        }),
    ]
}

#[test]
fn every_letter_has_its_link_and_nothing_else_to_load() {
    for email in letters() {
        let template = wording(&email);
        let (text, html) = (template.text(), template.html());

        let wanted = usize::from(!matches!(
            email,
            Email::SecurityNotice { .. } | Email::SiteNotice { .. }
        ));
        assert_eq!(text.matches(LINK).count(), wanted, "{text}");
        assert_eq!(html.matches("href=").count(), wanted, "{html}");
        assert!(!html.contains("src=") && !html.contains("http-equiv"), "{html}");
        assert!(!template.subject.is_empty() && text.starts_with("Hello"));
    }
}

#[test]
fn a_name_becomes_neither_markup_nor_a_link() {
    let email = Email::Invitation {
        to: "a@b.example".to_owned(),
        inviter: "Win at https://evil.example/now <b>".to_owned(),
        site: "evil.example\r\nBcc: x@evil.example".to_owned(),
        role: "admin".to_owned(),
        link: LINK.to_owned(),
    };

    let template = wording(&email);

    for text in [template.subject.clone(), template.text(), template.html()] {
        assert!(!text.contains("evil.example") && !text.contains("<b>"), "{text}");
    }
    assert!(!template.subject.contains(['\r', '\n']));
    assert_eq!(plain("J.R. Tolkien"), "J. R. Tolkien");
    assert_eq!(plain("Ada\u{202e}\u{2066} Love\u{200b}lace"), "Ada Lovelace");
}
