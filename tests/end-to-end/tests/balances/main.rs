//! Balances against the simulated Clockify, with the real client and a real database (`domain.md` §5).

mod faults;
mod house;
mod people;
mod year;
