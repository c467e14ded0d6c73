//! Time entries, which have no list of the whole workspace and no "changed since": the detailed report shows in few
//! requests where something differs, and only there each person's own list is read. What that lacks is asked for
//! singly, and deleted only if Clockify says that it is gone.

mod compare;
mod people;
mod report;
