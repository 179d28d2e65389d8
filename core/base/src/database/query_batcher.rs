//! Small statements of runs that work at the same time, as one.
//!
//! While one statement is under way, what is asked for meanwhile is gathered for the next. Nobody waits on
//! purpose: somebody who is alone is answered at once, and a hundred at once cost one round trip and one
//! commit. Only questions that nobody waits for may be gathered for a moment before.

use super::within;
use sea_orm::DbErr;
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};

/// Questions in one statement: SQLite takes 32,766 values.
const MOST: usize = 250;
/// How long a group waits for its statement.
const BATCH_TIMEOUT: Duration = Duration::from_secs(30);

/// How soon a look is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody waits, or is notified of what is no longer right.
    Now,
    /// Nobody waits: looks of a moment may share one statement.
    Soon,
}

/// The statement that answers a group failed; nothing of it was done.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the database failed")]
pub struct BatchFailed(#[source] Arc<DbErr>);

impl BatchFailed {
    /// Why the statement failed.
    pub fn into_cause(self) -> Arc<DbErr> {
        self.0
    }
}

/// Answers questions in groups. Clones share the group.
pub struct QueryBatcher<Q, A> {
    questions: mpsc::UnboundedSender<PendingQuery<Q, A>>,
}

impl<Q, A> Clone for QueryBatcher<Q, A> {
    fn clone(&self) -> Self {
        Self {
            questions: self.questions.clone(),
        }
    }
}

struct PendingQuery<Q, A> {
    question: Q,
    answer: oneshot::Sender<Result<A, BatchFailed>>,
}

impl<Q: Send + 'static, A: Send + 'static> QueryBatcher<Q, A> {
    /// A group whose questions are answered by `work`, one answer for each question in their order. Must be
    /// called inside a tokio runtime; ends with its last clone.
    pub fn new<F, R>(work: F) -> Self
    where
        F: Fn(Vec<Q>) -> R + Send + 'static,
        R: Future<Output = Result<Vec<A>, DbErr>> + Send + 'static,
    {
        Self::with_delay(Duration::ZERO, work)
    }

    /// The same, but each group is gathered for `moment` first.
    pub fn with_delay<F, R>(moment: Duration, work: F) -> Self
    where
        F: Fn(Vec<Q>) -> R + Send + 'static,
        R: Future<Output = Result<Vec<A>, DbErr>> + Send + 'static,
    {
        // Whoever asks waits for the answer, so that there are never more questions than runs and readers.
        let (questions, asked) = mpsc::unbounded_channel();
        tokio::spawn(answer(asked, moment, work));
        Self { questions }
    }

    /// Asks, and waits for the answer. Who stops waiting may have been answered all the same.
    pub async fn submit(&self, question: Q) -> Result<A, BatchFailed> {
        let (answer, answered) = oneshot::channel();
        let gone = || BatchFailed(Arc::new(DbErr::Custom("nobody answers".to_owned())));
        self.questions
            .send(PendingQuery { question, answer })
            .map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn answer<Q, A, F, R>(mut asked: mpsc::UnboundedReceiver<PendingQuery<Q, A>>, moment: Duration, work: F)
where
    F: Fn(Vec<Q>) -> R,
    R: Future<Output = Result<Vec<A>, DbErr>>,
{
    // Waits for the first question only. What was asked during the last statement is there already and comes along.
    let mut group = Vec::with_capacity(MOST);
    while asked.recv_many(&mut group, MOST).await > 0 {
        if !moment.is_zero() {
            tokio::time::sleep(moment).await;
            gather(&mut asked, &mut group);
        }
        let (questions, waiting): (Vec<Q>, Vec<_>) = group
            .drain(..)
            .map(|asked| (asked.question, asked.answer))
            .unzip();
        // One statement at a time, which is what gathers the next group. So none may hold up the others for ever.
        hand_out(within(BATCH_TIMEOUT, work(questions)).await, waiting);
    }
}

/// Gives each who waits its answer, or all the one error.
fn hand_out<A>(answers: Result<Vec<A>, DbErr>, waiting: Vec<oneshot::Sender<Result<A, BatchFailed>>>) {
    match answers {
        // A question beyond the answers is dropped with its sender, and its asker hears that nobody answers.
        Ok(answers) => waiting.into_iter().zip(answers).for_each(|(waits, answer)| {
            let _stopped_waiting = waits.send(Ok(answer));
        }),
        Err(error) => {
            let error = Arc::new(error);
            for waits in waiting {
                let _stopped_waiting = waits.send(Err(BatchFailed(Arc::clone(&error))));
            }
        }
    }
}

/// Takes in what is there, as far as one statement holds it.
fn gather<T>(asked: &mut mpsc::UnboundedReceiver<T>, group: &mut Vec<T>) {
    while group.len() < MOST {
        match asked.try_recv() {
            Ok(question) => group.push(question),
            Err(_) => break,
        }
    }
}

/// Looks are gathered for so long when nobody waits for them.
const SOON: Duration = Duration::from_millis(100);

/// Looks at the same rows, of those who wait and of those who do not.
pub struct PriorityBatcher<Q, A> {
    now: QueryBatcher<Q, A>,
    soon: QueryBatcher<Q, A>,
}

impl<Q: Send + 'static, A: Send + 'static> PriorityBatcher<Q, A> {
    /// Looks that are answered by `work`, as those of a [`QueryBatcher`].
    pub fn new<F, R>(work: F) -> Self
    where
        F: Fn(Vec<Q>) -> R + Clone + Send + 'static,
        R: Future<Output = Result<Vec<A>, DbErr>> + Send + 'static,
    {
        // Two groups: those who wait stand neither behind the gathering nor behind the statement of the others.
        Self {
            now: QueryBatcher::new(work.clone()),
            soon: QueryBatcher::with_delay(SOON, work),
        }
    }

    /// Asks, and waits for the answer.
    pub async fn submit(&self, question: Q, urgency: Urgency) -> Result<A, BatchFailed> {
        match urgency {
            Urgency::Now => self.now.submit(question).await,
            Urgency::Soon => self.soon.submit(question).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn what_is_asked_meanwhile_is_answered_together() {
        let (sizes, gate) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Semaphore::new(0)));
        let (seen, held) = (Arc::clone(&sizes), Arc::clone(&gate));
        let group = QueryBatcher::new(move |questions: Vec<u32>| {
            seen.lock().unwrap().push(questions.len());
            let held = Arc::clone(&held);
            async move {
                held.acquire().await.unwrap().forget();
                Ok(questions.into_iter().map(|question| question * 2).collect())
            }
        });
        let asking = async {
            let first = group.submit(1);
            let rest = futures::future::join_all((2..=300).map(|question| group.submit(question)));
            let open = async {
                tokio::task::yield_now().await;
                gate.add_permits(9);
            };
            tokio::join!(first, rest, open)
        };

        let (first, rest, ()) = asking.await;

        assert_eq!(first.unwrap(), 2);
        let rest: Vec<u32> = rest.into_iter().map(Result::unwrap).collect();
        assert_eq!(rest, (2..=300).map(|question| question * 2).collect::<Vec<_>>());
        assert!(sizes.lock().unwrap().len() <= 3, "{sizes:?}");
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_and_the_next_group_is_answered() {
        let fails = Arc::new(Mutex::new(true));
        let first = Arc::clone(&fails);
        let group = QueryBatcher::new(move |questions: Vec<u32>| {
            let fail = std::mem::take(&mut *first.lock().unwrap());
            async move {
                match fail {
                    true => Err(DbErr::Custom("away".to_owned())),
                    false => Ok(questions),
                }
            }
        });

        let (one, other) = tokio::join!(group.submit(1), group.submit(2));

        assert!(one.is_err() && other.is_err());
        assert_eq!(group.submit(3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_gathered_and_answered_together() {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sizes);
        let looks = PriorityBatcher::new(move |questions: Vec<u32>| {
            seen.lock().unwrap().push(questions.len());
            async move { Ok(questions) }
        });
        let one_by_one = |urgency: Urgency| {
            let looks = &looks;
            futures::future::join_all((0..8_u64).map(|number| async move {
                tokio::time::sleep(Duration::from_millis(number * 5)).await;
                looks.submit(7, urgency).await.unwrap()
            }))
        };

        assert_eq!(one_by_one(Urgency::Soon).await, [7; 8]);
        assert_eq!(sizes.lock().unwrap().len(), 1, "{sizes:?}");
        assert_eq!(one_by_one(Urgency::Now).await, [7; 8]);
        assert!(sizes.lock().unwrap().len() > 2, "{sizes:?}");
    }
}
