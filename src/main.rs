//! The native binary: parse, run, exit code.

fn main() -> std::process::ExitCode {
    tamis::cli::main()
}
