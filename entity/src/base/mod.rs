//! What the installation itself keeps: its keys and its marks.

pub mod installation;
pub mod sealing_key;
pub mod sealing_key_wrap;
