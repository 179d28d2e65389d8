//! Threads that give way to others.

/// Has this thread give way to those of a lower niceness. On Linux each thread has a niceness of its own.
#[cfg(target_os = "linux")]
pub fn lower_priority(niceness: i32) {
    if let Err(error) = rustix::process::setpriority_process(None, niceness) {
        tracing::warn!(error = %error, "could not lower the priority of a background thread");
    }
}

/// Elsewhere niceness is that of the whole process, which must not give way.
#[cfg(not(target_os = "linux"))]
pub fn lower_priority(_: i32) {}
