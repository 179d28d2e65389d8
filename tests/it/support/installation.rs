//! A whole installation: processes, engines, and the Instagram that they talk to.

use super::{Engines, Owner, Program, crew::Worker, owner::Answer, process::Process};
use reqwest::redirect::Policy;
use std::{sync::Once, time::Duration};
use tempfile::TempDir;
use vitrine_simulator::{RunningSimulator, Simulator, SimulatorSettings};
use vitrine_test_support::{database, free_port, redis, wait_until};

/// 32 different bytes.
pub(crate) const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// How an installation differs from the usual one.
pub(crate) struct Plan {
    /// The engines.
    pub(crate) engines: Engines,
    /// Worker processes, when they are apart.
    pub(crate) workers: usize,
    /// More settings, by the names of their variables.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// The local Instagram.
    pub(crate) simulator: SimulatorSettings,
}

impl Plan {
    /// The usual installation.
    pub(crate) fn on(engines: Engines) -> Self {
        Self {
            engines,
            workers: 1,
            settings: Vec::new(),
            simulator: SimulatorSettings::default(),
        }
    }

    /// The same with one more setting.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }
}

/// Everything that runs; ends when dropped.
pub(crate) struct Installation {
    /// Address of the API, without a trailing slash.
    pub(crate) address: String,
    /// The local Instagram.
    pub(crate) simulator: RunningSimulator,
    /// A browser and a program in one: follows no redirects by itself.
    pub(crate) http: reqwest::Client,
    /// The settings that every process was started with.
    pub(crate) settings: Vec<(String, String)>,
    engines: Engines,
    processes: Vec<Process>,
    /// Worker processes started by hand; a killed one stays, so that its log is shown.
    pub(crate) workers: Vec<Worker>,
    pub(crate) directory: TempDir,
}

impl Installation {
    /// Starts the usual installation and waits until it is ready.
    pub(crate) async fn start(engines: Engines) -> Self {
        Self::start_as(Plan::on(engines)).await
    }

    /// Starts an installation and waits until it is ready.
    pub(crate) async fn start_as(plan: Plan) -> Self {
        let http = client();
        let simulator = Simulator::start(plan.simulator.clone()).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let address = format!("http://127.0.0.1:{}", free_port().unwrap());
        let settings = settings(&plan, &address, &simulator, &directory).await;
        let mut installation = Self {
            address,
            simulator,
            http,
            settings,
            engines: plan.engines,
            processes: Vec::new(),
            workers: Vec::new(),
            directory,
        };
        installation.start_processes(plan.workers).await;
        installation
    }

    async fn start_processes(&mut self, workers: usize) {
        match self.engines {
            Engines::Alone => self.start_role("up", "up"),
            Engines::Distributed => {
                let mut migrate = Process::start("migrate", "migrate", self.directory.path(), &self.settings);
                wait_until(Duration::from_secs(20), async || !migrate.is_running())
                    .await
                    .unwrap();
                self.start_role("api", "api");
                for number in 0..workers {
                    self.start_worker(number);
                }
            }
        }
        self.is_ready().await;
    }

    fn start_role(&mut self, role: &str, name: &str) {
        self.processes
            .push(Process::start(role, name, self.directory.path(), &self.settings));
    }

    fn start_worker(&mut self, number: usize) {
        let mut settings = self.settings.clone();
        let port = free_port().unwrap();
        settings.push((
            "VITRINE_SERVER__METRICS_LISTEN".into(),
            format!("127.0.0.1:{port}"),
        ));
        let name = format!("worker-{number}");
        self.processes
            .push(Process::start("worker", &name, self.directory.path(), &settings));
    }

    /// One more API process, ready, with the address that it listens on.
    pub(crate) async fn api(&self, name: &str) -> (String, Process) {
        let listen = format!("127.0.0.1:{}", free_port().unwrap());
        let metrics = format!("127.0.0.1:{}", free_port().unwrap());
        let mut settings = self.settings.clone();
        settings.push(("VITRINE_SERVER__LISTEN".into(), listen.clone()));
        settings.push(("VITRINE_SERVER__METRICS_LISTEN".into(), metrics));
        let process = Process::start("api", name, self.directory.path(), &settings);
        let url = format!("http://{listen}/readyz");
        let ready = wait_until(Duration::from_secs(30), async || {
            let answer = self.http.get(&url).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        });
        assert!(ready.await.is_ok(), "not ready:\n{}", process.log());
        (listen, process)
    }

    /// Starts one more API process and gives its address.
    pub(crate) async fn another_api(&mut self) -> String {
        let (listen, process) = self.api("another-api").await;
        self.processes.push(process);
        format!("http://{listen}")
    }

    /// Waits until the API answers that every part of it works.
    pub(crate) async fn is_ready(&mut self) {
        let ready = wait_until(Duration::from_secs(30), async || {
            let answer = self.http.get(format!("{}/readyz", self.address)).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        });
        let ready = ready.await;
        assert!(ready.is_ok(), "not ready:\n{}", self.log());
        assert!(
            self.processes.iter_mut().all(Process::is_running),
            "a process ended:\n{}",
            self.log()
        );
    }

    /// Ends every process politely, checks that each ended well, and starts them again.
    pub(crate) async fn restart(&mut self) {
        let workers = self.processes.len().saturating_sub(1);
        for mut process in std::mem::take(&mut self.processes) {
            let status = process.terminate();
            assert!(status.success(), "{status}:\n{}", process.log());
        }
        self.start_processes(workers).await;
    }

    /// Kills the processes of one role where they stand, and starts them again.
    pub(crate) async fn crash(&mut self) {
        let workers = self.processes.len().saturating_sub(1);
        for mut process in std::mem::take(&mut self.processes) {
            process.kill();
        }
        self.start_processes(workers).await;
    }

    /// Which engines stand behind it.
    pub(crate) fn engines(&self) -> Engines {
        self.engines
    }

    /// What all processes logged.
    pub(crate) fn log(&self) -> String {
        self.all().map(Process::log).collect()
    }

    /// What all processes wrote to standard output.
    pub(crate) fn printed(&self) -> String {
        self.all().map(Process::printed).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Process> {
        let workers = self.workers.iter().map(|worker| &worker.process);
        self.processes.iter().chain(workers)
    }

    /// Moves the time of Instagram and of every process, and waits until they follow.
    pub(crate) async fn advance(&self, by: Duration) {
        self.simulator
            .clock()
            .advance(chrono::Duration::from_std(by).unwrap());
        tokio::time::sleep(CLOCK_FOLLOWED).await;
    }

    /// Moves the time to the next noon, in UTC.
    pub(crate) async fn at_noon(&self) {
        let seconds = self.simulator.clock().now().timestamp().rem_euclid(86_400);
        let until = (43_200 - seconds).rem_euclid(86_400);
        self.advance(Duration::from_secs(until.unsigned_abs())).await;
    }

    /// Registers somebody.
    pub(crate) async fn owner(&self, name: &str) -> Owner<'_> {
        Owner::register(self, name).await
    }

    /// Calls from a program that holds a key, or nothing.
    pub(crate) fn program(&self, key: Option<&str>) -> Program<'_> {
        Program::new(self, key)
    }

    /// Sends a body as a stranger.
    pub(crate) async fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = self.http.post(format!("{}{path}", self.address)).json(body);
        Answer::of(request.send().await.unwrap()).await
    }

    /// Reads an address of this installation as a stranger.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(
            self.http
                .get(format!("{}{path}", self.address))
                .send()
                .await
                .unwrap(),
        )
        .await
    }
}

/// Processes ask the simulator for its time twice a second.
const CLOCK_FOLLOWED: Duration = Duration::from_millis(1_200);

fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _another_test_was_first = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

async fn settings(
    plan: &Plan,
    address: &str,
    simulator: &RunningSimulator,
    directory: &TempDir,
) -> Vec<(String, String)> {
    let instagram = simulator.base_url();
    let app = simulator.settings();
    let mut settings = vec![
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("VITRINE_LOG", "info,vitrine=debug".into()),
        (
            "VITRINE_SERVER__LISTEN",
            address.trim_start_matches("http://").into(),
        ),
        ("VITRINE_SERVER__PUBLIC_URL", address.into()),
        (
            "VITRINE_SERVER__METRICS_LISTEN",
            format!("127.0.0.1:{}", free_port().unwrap()),
        ),
        (
            "VITRINE_SERVER__DATA_DIR",
            directory.path().join("data").display().to_string(),
        ),
        ("VITRINE_SECURITY__MASTER_KEY", MASTER_KEY.into()),
        ("VITRINE_INSTAGRAM__CLIENT_ID", app.client_id.clone()),
        ("VITRINE_INSTAGRAM__CLIENT_SECRET", app.client_secret.clone()),
        (
            "VITRINE_INSTAGRAM__AUTHORIZE_URL",
            format!("{instagram}/oauth/authorize"),
        ),
        (
            "VITRINE_INSTAGRAM__TOKEN_URL",
            format!("{instagram}/oauth/access_token"),
        ),
        ("VITRINE_INSTAGRAM__GRAPH_URL", instagram.into()),
        ("VITRINE_SIMULATOR__URL", instagram.into()),
        // All of a test's people register from this machine.
        ("VITRINE_SIGNUP__PER_NETWORK_PER_HOUR", "10000".into()),
        ("VITRINE_SCHEDULE__TICK", "100ms".into()),
        // Nobody else turns to these processes.
        ("VITRINE_SHUTDOWN__DRAIN", "0s".into()),
        ("VITRINE_WORKER__FIRST_RETRY", "50ms".into()),
        ("VITRINE_WORKER__CONFIRM_AFTER", "50ms".into()),
    ];
    if plan.engines == Engines::Distributed {
        let redis = redis().await.unwrap();
        settings.push(("VITRINE_DATABASE__URL", database().await.unwrap()));
        settings.push(("VITRINE_REDIS__URL", redis.url));
        settings.push(("VITRINE_REDIS__PREFIX", redis.prefix));
    }
    settings.extend(plan.settings.clone());
    settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
