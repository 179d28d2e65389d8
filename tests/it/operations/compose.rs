//! The deployment file is valid and has no default secrets.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::NamedTempFile;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Compose is a plugin of `docker` or a program of its own.
fn compose() -> Command {
    let plugin = Command::new("docker").args(["compose", "version"]).output();
    if plugin.is_ok_and(|output| output.status.success()) {
        let mut docker = Command::new("docker");
        docker.arg("compose");
        return docker;
    }
    Command::new("docker-compose")
}

/// Reads docker-compose.yml with these settings alone, not with the environment of the test.
fn config(settings: &str) -> Output {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), settings).unwrap();
    let mut command = compose();
    command.current_dir(ROOT).arg("--env-file").arg(file.path());
    for name in required() {
        command.env_remove(name);
    }
    command
        .arg("config")
        .output()
        .expect("install docker-compose, or docker with its compose plugin")
}

/// The settings that .env.example leaves to be filled in.
fn required() -> Vec<String> {
    let example = fs::read_to_string(Path::new(ROOT).join(".env.example")).unwrap();
    example
        .lines()
        .filter_map(|line| line.strip_suffix('='))
        .map(str::to_owned)
        .collect()
}

fn filled_in(names: &[String]) -> String {
    names.iter().map(|name| format!("{name}=filled\n")).collect()
}

#[test]
fn the_deployment_is_valid_once_the_example_is_filled_in() {
    let output = config(&filled_in(&required()));

    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_setting_left_out_is_refused_by_name() {
    for missing in required() {
        let others: Vec<_> = required().into_iter().filter(|name| *name != missing).collect();

        let output = config(&filled_in(&others));

        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{missing} is not required");
        assert!(
            words.contains(&missing),
            "{missing} is missing, but the message is: {words}"
        );
    }
}

#[test]
fn the_secrets_are_among_the_required_settings() {
    let required = required();

    for secret in [
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "VITRINE_MASTER_KEY",
        "INSTAGRAM_CLIENT_SECRET",
    ] {
        assert!(
            required.iter().any(|name| name == secret),
            "{secret} has a default or is not documented"
        );
    }
}

/// The settings that .env.example shows and leaves out, as a reader fills them in.
fn optional() -> String {
    let example = fs::read_to_string(Path::new(ROOT).join(".env.example")).unwrap();
    let shown = example.lines().filter_map(|line| line.strip_prefix('#'));
    let shown = shown.filter(|line| line.starts_with("VITRINE_"));
    shown.map(|line| format!("{line}\n")).collect()
}

#[test]
fn mail_and_proxies_reach_the_program_as_settings() {
    let output = config(&(filled_in(&required()) + &optional()));

    let settings = String::from_utf8(output.stdout).unwrap();
    for expected in [
        "VITRINE_MAIL__URL: smtps://user:password@mail.example.com",
        "VITRINE_MAIL__FROM: Photos <photos@example.com>",
        r#"VITRINE_SERVER__TRUSTED_PROXIES: '["172.18.0.1"]'"#,
        "VITRINE_SIGNUP__ENABLED: \"false\"",
    ] {
        let times = settings.matches(expected).count();
        assert_eq!(times, 2, "api and worker need {expected}: {settings}");
    }
}
