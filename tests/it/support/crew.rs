//! Worker processes that a test starts, kills and watches.

use super::{Installation, process::Process};
use std::time::Duration;
use vitrine_test_support::{free_port, wait_until};

/// One worker process.
pub(crate) struct Worker {
    pub(crate) process: Process,
    metrics: String,
}

impl Installation {
    /// Starts so many more worker processes and waits until each serves its metrics.
    pub(crate) async fn start_workers(&mut self, count: usize) {
        for _ in 0..count {
            let worker = self.new_worker();
            self.workers.push(worker);
        }
        let ready = wait_until(Duration::from_secs(30), async || {
            for worker in &self.workers[self.workers.len() - count..] {
                if self.metrics_of(worker).await.is_none() {
                    return false;
                }
            }
            true
        });
        let ready = ready.await;
        assert!(ready.is_ok(), "workers do not start:\n{}", self.log());
    }

    fn new_worker(&self) -> Worker {
        let listen = format!("127.0.0.1:{}", free_port().unwrap());
        let mut settings = self.settings.clone();
        settings.push(("VITRINE_SERVER__METRICS_LISTEN".into(), listen.clone()));
        let name = format!("crew-{}", self.workers.len());
        Worker {
            process: Process::start("worker", &name, self.directory.path(), &settings),
            metrics: format!("http://{listen}/metrics"),
        }
    }

    /// Ends a worker process by SIGKILL.
    pub(crate) fn kill_worker(&mut self, number: usize) {
        self.workers[number].process.kill();
    }

    /// What a worker counts; nothing when it does not answer.
    async fn metrics_of(&self, worker: &Worker) -> Option<String> {
        let answer = self.http.get(&worker.metrics).send().await.ok()?;
        answer.error_for_status().ok()?.text().await.ok()
    }

    /// Runs ended by each of these workers.
    pub(crate) async fn runs(&self, numbers: &[usize]) -> Vec<u64> {
        let mut runs = Vec::new();
        for number in numbers {
            let metrics = self.metrics_of(&self.workers[*number]).await;
            runs.push(metrics.map_or(0, |metrics| counted(&metrics, "vitrine_queue_jobs_total")));
        }
        runs
    }

    /// Panics unless these workers run, and none ended or panicked on the way.
    pub(crate) fn workers_run(&mut self, numbers: &[usize]) {
        for number in numbers {
            let process = &mut self.workers[*number].process;
            let (running, log) = (process.is_running(), process.log());
            assert!(running && !log.contains("panicked"), "worker {number}:\n{log}");
        }
    }
}

/// The sum of a counter over all its labels.
fn counted(metrics: &str, name: &str) -> u64 {
    let samples = metrics.lines().filter(|line| line.starts_with(name));
    samples
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum::<f64>() as u64
}
