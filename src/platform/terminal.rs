//! What commands print. A reader that has seen enough (`vestibule audit verify | head -3`) closes the pipe: the rest is not
//! written, the command goes on, and its exit code says what it found.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// A line on standard output.
macro_rules! say {
    () => { $crate::platform::terminal::write(format_args!("\n")) };
    ($($words:tt)*) => { $crate::platform::terminal::write(format_args!("{}\n", format_args!($($words)*))) };
}
pub(crate) use say;

/// Text on standard output that ends its lines itself.
macro_rules! say_text {
    ($($words:tt)*) => { $crate::platform::terminal::write(format_args!($($words)*)) };
}
pub(crate) use say_text;

/// Writes to standard output. What cannot be written for another reason than a closed pipe ends the process with 1: a list
/// that a full disk has cut must not look whole.
pub(crate) fn write(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => {
            complain(format_args!("vestibule: standard output: {cause}"));
            std::process::exit(1);
        }
        Ok(()) | Err(_) => {}
    }
}

/// A line on standard error. There is no place left to say that it could not be written.
pub(crate) fn complain(words: Arguments<'_>) {
    drop(writeln!(std::io::stderr(), "{words}"));
}

#[cfg(test)]
mod tests {
    /// The library's macros panic when the pipe is closed.
    #[test]
    fn everything_is_printed_by_what_bears_a_closed_pipe() {
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap();
                let macros = ["print", "eprint"].map(|name| [format!("{name}ln!("), format!("{name}!(")]);
                if macros.iter().flatten().any(|name| text.contains(name)) {
                    found.push(path);
                }
            }
        }
        assert!(found.is_empty(), "say! in the place of println!: {found:?}");
    }
}
