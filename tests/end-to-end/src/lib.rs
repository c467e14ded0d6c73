//! What the stories need besides the stand-ins.

pub mod azurite;
