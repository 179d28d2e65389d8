//! A port that another program has.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;

use super::running::{Running, answers, client, refusal, with_app};

fn demo_at(address: &str) -> Vec<(&'static str, String)> {
    vec![
        ("VITRINE_SERVER__LISTEN", address.to_owned()),
        ("VITRINE_SERVER__METRICS_LISTEN", "127.0.0.1:0".to_owned()),
        ("VITRINE_SIMULATOR__LISTEN", "127.0.0.1:0".to_owned()),
    ]
}

/// Everything up to the line with the photos.
fn greeted(printed: BufReader<impl Read>) -> String {
    let mut text = String::new();
    for line in printed.lines() {
        let line = line.unwrap();
        text.push_str(&line);
        text.push('\n');
        if line.contains("Photos") {
            break;
        }
    }
    text
}

#[tokio::test]
async fn the_demo_takes_the_next_port_and_says_so() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let wanted = taken.local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();

    let mut demo = Running::start(directory.path(), &["up"], &demo_at(&wanted.to_string()));
    let said = greeted(demo.printed());

    assert!(said.contains(&format!("{wanted} is taken")), "{said}");
    let address = said
        .lines()
        .find_map(|line| line.strip_prefix("Vitrine runs at "))
        .unwrap();
    assert!(!address.contains(&wanted.to_string()), "{said}");
    assert!(answers(&client(), &format!("{address}healthz")).await, "{said}");
    assert!(demo.terminate().success());
}

#[test]
fn elsewhere_the_flag_that_helps_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let wanted = taken.local_addr().unwrap().to_string();
    let directory = tempfile::tempdir().unwrap();
    let mut variables = with_app(None);
    variables.retain(|(name, _)| *name != "VITRINE_SERVER__LISTEN");
    variables.push(("VITRINE_SERVER__LISTEN", wanted.clone()));
    variables.push(("VITRINE_SIMULATOR__LISTEN", wanted.clone()));

    for (role, setting) in [("up", "server.listen"), ("simulator", "simulator.listen")] {
        let said = refusal(directory.path(), role, &variables);
        for words in [wanted.as_str(), "--listen", setting] {
            assert!(said.contains(words), "{role}, {words}: {said}");
        }
    }
}
