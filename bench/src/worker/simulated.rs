//! The simulated Instagram, in a process of its own so that its share of the processor can be told apart.
//!
//! `vitrine-bench simulate` is that process. It prints a line for each account (id, username, token), then
//! `ready` and its address; after that each line `post` on its input makes one new post for every account, and
//! is answered with `posted`. It ends when its input does.

use anyhow::{Context, bail};
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use vitrine_simulator::{NewAccount, NewPost, Simulator, SimulatorSettings};

/// An account of the simulated Instagram.
pub(crate) struct SimulatedAccount {
    /// Its professional id.
    pub(crate) user_id: String,
    /// Its handle.
    pub(crate) username: String,
    /// A long-lived token.
    pub(crate) token: String,
}

/// The child process; ends when dropped.
pub(crate) struct SimulatedInstagram {
    _child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// Where it answers.
    pub(crate) address: String,
    /// Who is on it.
    pub(crate) accounts: Vec<SimulatedAccount>,
}

impl SimulatedInstagram {
    /// Starts it with so many accounts of so many posts.
    pub(crate) async fn start(accounts: usize, media: u32) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["simulate", &accounts.to_string(), &media.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take().context("the simulator takes no orders")?;
        let answers = child.stdout.take().context("the simulator does not answer")?;
        let mut simulated = Self {
            _child: child,
            orders,
            answers: BufReader::new(answers).lines(),
            address: String::new(),
            accounts: Vec::with_capacity(accounts),
        };
        simulated.meet().await?;
        Ok(simulated)
    }

    async fn meet(&mut self) -> anyhow::Result<()> {
        while let Some(line) = self.answers.next_line().await? {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["ready", address] => {
                    self.address = address.to_owned();
                    return Ok(());
                }
                [user_id, username, token] => self.accounts.push(SimulatedAccount {
                    user_id: user_id.to_owned(),
                    username: username.to_owned(),
                    token: token.to_owned(),
                }),
                _ => bail!("the simulator says {line:?}"),
            }
        }
        bail!("the simulator ended at once")
    }

    /// Makes one new post for every account.
    pub(crate) async fn post(&mut self) -> anyhow::Result<()> {
        self.orders.write_all(b"post\n").await?;
        let answer = self.answers.next_line().await?;
        anyhow::ensure!(
            answer.as_deref() == Some("posted"),
            "the simulator says {answer:?}"
        );
        Ok(())
    }
}

/// The child process's work.
#[expect(
    clippy::print_stdout,
    reason = "the lines are for the process that started this one"
)]
pub(crate) async fn simulate(accounts: usize, media: u32) -> anyhow::Result<()> {
    let settings = SimulatorSettings {
        accounts: Vec::new(),
        ..SimulatorSettings::default()
    };
    let simulator = Simulator::start(settings).await?;
    let name = |number: usize| format!("account.{number}");
    for number in 0..accounts {
        let view = simulator.add_account(NewAccount::named(name(number)).with_media(media))?;
        println!(
            "{} {} {}",
            view.user_id,
            view.username,
            simulator.mint_token(&view.username)?
        );
    }
    println!("ready {}", simulator.base_url());
    let obey = move || {
        for order in std::io::stdin().lines() {
            let order = order?;
            anyhow::ensure!(order == "post", "unknown order {order:?}");
            for number in 0..accounts {
                let post = NewPost {
                    caption: Some("Fresh from the oven".to_owned()),
                    ..NewPost::default()
                };
                simulator.post_media(&name(number), post)?;
            }
            println!("posted");
        }
        Ok(())
    };
    tokio::task::spawn_blocking(obey).await?
}
