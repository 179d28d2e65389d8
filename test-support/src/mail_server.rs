//! A mail server that keeps what it is given, and behaves as it is told.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How one conversation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The letter is taken.
    Takes,
    /// The recipient is refused with this code.
    RefusesRecipient(u16),
    /// The letter is refused with this code once it was read.
    RefusesLetter(u16),
    /// The server waits in the middle, before it has read the letter, until the client is gone.
    Waits,
    /// The letter is taken, and the connection breaks before the client hears of it.
    TakesInSilence,
}

/// A server on a free port of the loopback; ends when dropped.
pub struct MailServer {
    /// `smtp://…` for the settings.
    pub url: String,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    letters: Vec<String>,
    conversations: usize,
    manners: VecDeque<Manner>,
}

impl MailServer {
    /// Starts a server that takes everything.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("smtp://{}?tls=none", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State::default()));
        let serving = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self { url, state, serving })
    }

    /// Says how the next conversations go; those after them go well.
    pub fn will(&self, manners: &[Manner]) {
        locked(&self.state).manners.extend(manners);
    }

    /// The letters that were taken, whole.
    #[must_use]
    pub fn letters(&self) -> Vec<String> {
        locked(&self.state).letters.clone()
    }

    /// How many conversations were begun.
    #[must_use]
    pub fn conversations(&self) -> usize {
        locked(&self.state).conversations
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn locked(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let manner = {
            let mut state = locked(&state);
            state.conversations += 1;
            state.manners.pop_front().unwrap_or(Manner::Takes)
        };
        tokio::spawn(talk(stream, manner, Arc::clone(&state)));
    }
}

async fn talk(stream: TcpStream, manner: Manner, state: Arc<Mutex<State>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 ready\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let word = line
            .split([' ', '\r'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        line.clear();
        let answer = match (word.as_str(), manner) {
            ("RCPT", Manner::RefusesRecipient(code)) => format!("{code} no\r\n"),
            ("DATA", Manner::Waits) => {
                stream.write_all(b"354 go on\r\n").await?;
                return wait_until_gone(stream).await;
            }
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await?;
                let Some(letter) = read_letter(&mut stream).await? else {
                    return Ok(());
                };
                match manner {
                    Manner::RefusesLetter(code) => format!("{code} no\r\n"),
                    _ => {
                        locked(&state).letters.push(letter);
                        if manner == Manner::TakesInSilence {
                            return Ok(());
                        }
                        "250 taken\r\n".to_owned()
                    }
                }
            }
            ("QUIT", _) => "221 bye\r\n".to_owned(),
            _ => "250 fine\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

/// A letter that ends with the connection was never given.
async fn read_letter(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut letter = String::new();
    loop {
        let before = letter.len();
        if stream.read_line(&mut letter).await? == 0 {
            return Ok(None);
        }
        if letter[before..] == *".\r\n" {
            letter.truncate(before);
            return Ok(Some(letter));
        }
    }
}

async fn wait_until_gone(mut stream: BufReader<TcpStream>) -> io::Result<()> {
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        line.clear();
    }
    Ok(())
}
