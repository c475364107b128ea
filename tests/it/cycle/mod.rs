//! `tamis cycle`.

mod charts;
