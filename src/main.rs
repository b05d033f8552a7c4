//! The `vestibule` command.

/// glibc's allocator keeps an arena for each thread and spends a tenth of a page's time on it: with this one the home page
/// is answered an eighth faster, and idle memory stays what it was (`docs/performance.md`).
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    vestibule::app::cli::run()
}
