//! Every role apart from the others.

use vitrine_test_support::{database, free_port, redis, wait_until};

use super::running::{KEY, PATIENCE, Running, answers, client};

#[tokio::test]
async fn api_and_worker_share_postgres_and_redis_and_end_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let ports: Vec<u16> = (0..4).map(|_| free_port().unwrap()).collect();
    let at = |port: u16, path: &str| format!("http://127.0.0.1:{port}{path}");
    let redis = redis().await.unwrap();
    let mut variables = vec![
        ("VITRINE_SECURITY__MASTER_KEY", KEY.to_owned()),
        ("VITRINE_INSTAGRAM__CLIENT_ID", "990602627938098".to_owned()),
        (
            "VITRINE_INSTAGRAM__CLIENT_SECRET",
            "app-secret-of-the-test".to_owned(),
        ),
        (
            "VITRINE_INSTAGRAM__AUTHORIZE_URL",
            at(ports[0], "/oauth/authorize"),
        ),
        (
            "VITRINE_INSTAGRAM__TOKEN_URL",
            at(ports[0], "/oauth/access_token"),
        ),
        ("VITRINE_INSTAGRAM__GRAPH_URL", at(ports[0], "/")),
        ("VITRINE_DATABASE__URL", database().await.unwrap()),
        ("VITRINE_REDIS__URL", redis.url),
        ("VITRINE_REDIS__PREFIX", redis.prefix),
        ("VITRINE_SIMULATOR__LISTEN", format!("127.0.0.1:{}", ports[0])),
        ("VITRINE_SIMULATOR__URL", at(ports[0], "/")),
        ("VITRINE_SERVER__LISTEN", format!("127.0.0.1:{}", ports[1])),
        (
            "VITRINE_SERVER__METRICS_LISTEN",
            format!("127.0.0.1:{}", ports[2]),
        ),
    ];
    let client = client();
    let path = directory.path();

    let simulator = Running::start(path, &["simulator"], &variables);
    let clock = at(ports[0], "/_simulator/clock");
    wait_until(PATIENCE, async || answers(&client, &clock).await)
        .await
        .unwrap();
    assert!(
        Running::start(path, &["migrate"], &variables)
            .0
            .wait()
            .unwrap()
            .success()
    );
    let api = Running::start(path, &["api"], &variables);
    let ready = at(ports[1], "/readyz");
    wait_until(PATIENCE, async || answers(&client, &ready).await)
        .await
        .unwrap();
    let health = Running::start(path, &["healthcheck"], &variables)
        .0
        .wait()
        .unwrap();
    assert!(health.success());
    assert!(api.terminate().success());

    variables.pop();
    variables.push((
        "VITRINE_SERVER__METRICS_LISTEN",
        format!("127.0.0.1:{}", ports[3]),
    ));
    let worker = Running::start(path, &["worker"], &variables);
    let metrics = at(ports[3], "/metrics");
    wait_until(PATIENCE, async || answers(&client, &metrics).await)
        .await
        .unwrap();
    // Nobody listens for the API any more, so the check asks the worker's metrics.
    assert!(
        Running::start(path, &["healthcheck"], &variables)
            .0
            .wait()
            .unwrap()
            .success()
    );
    assert!(worker.terminate().success());
    assert!(simulator.terminate().success());
}
