//! `tamis cycle`.

mod bench;
mod charts;
mod kills;
mod notices;
mod turns;
mod year;
