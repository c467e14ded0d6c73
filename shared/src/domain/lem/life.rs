//! The life of a sheet (`domain.md` §6 *Sign-off*): draft → submitted → signed or rejected → a new
//! revision.

use std::fmt;

use jiff::Timestamp;

use super::{LemSheet, SheetRates, Signature};
use crate::domain::ids::{LemLineId, LemSheetId};

/// How far a sheet has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LemStatus {
    /// Can be changed; priced with the rates that hold on its date.
    Draft,
    /// Its prices are frozen; waits for the client's representative.
    Submitted,
    /// Never changes again.
    Signed,
    Rejected,
}

impl LemStatus {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Signed, Self::Rejected];

    /// The word in requests, answers and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Signed => "signed",
            Self::Rejected => "rejected",
        }
    }

    /// The status of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether a sheet in this state can be dealt with so.
    fn allows(self, action: LemAction) -> bool {
        match self {
            Self::Draft => matches!(
                action,
                LemAction::Edit | LemAction::Submit | LemAction::Archive
            ),
            Self::Submitted => matches!(
                action,
                LemAction::Sign | LemAction::Reject | LemAction::Archive
            ),
            Self::Signed => action == LemAction::Revise,
            Self::Rejected => matches!(action, LemAction::Revise | LemAction::Archive),
        }
    }
}

impl fmt::Display for LemStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What somebody wants to do with a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LemAction {
    /// Change its fields or lines.
    Edit,
    Submit,
    Sign,
    Reject,
    /// Begin a new revision of it.
    Revise,
    /// Delete: it is archived and keeps its number.
    Archive,
}

impl LemAction {
    pub const ALL: [Self; 6] = [
        Self::Edit,
        Self::Submit,
        Self::Sign,
        Self::Reject,
        Self::Revise,
        Self::Archive,
    ];

    fn done(self) -> &'static str {
        match self {
            Self::Edit => "changed",
            Self::Submit => "submitted",
            Self::Sign => "signed",
            Self::Reject => "rejected",
            Self::Revise => "revised",
            Self::Archive => "deleted",
        }
    }
}

/// Why a sheet cannot be dealt with so; a sentence that a foreman can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LemRefusal {
    #[error("The sheet was deleted: it cannot be {} any more.", .0.done())]
    Archived(LemAction),
    #[error("The sheet is {status}: it cannot be {}{}", .action.done(), way_out(*.status, *.action))]
    NotInThisState {
        status: LemStatus,
        action: LemAction,
    },
    #[error("Revision {newest} of this sheet exists already: go on with that one.")]
    NewerRevision { newest: u32 },
}

/// What to do instead.
fn way_out(status: LemStatus, action: LemAction) -> &'static str {
    match (status, action) {
        (LemStatus::Draft, LemAction::Sign | LemAction::Reject) => "; submit it first.",
        (LemStatus::Draft, LemAction::Revise) => "; it can be changed itself.",
        (LemStatus::Submitted, LemAction::Edit) => "; have it rejected, then revise it.",
        (LemStatus::Signed | LemStatus::Rejected, LemAction::Edit) => {
            "; make a new revision of it."
        }
        (LemStatus::Signed, LemAction::Archive) => "; correct it by a new revision.",
        _ => ".",
    }
}

impl LemSheet {
    /// Whether the sheet can be dealt with so now.
    pub fn allows(&self, action: LemAction) -> Result<(), LemRefusal> {
        if self.archived {
            Err(LemRefusal::Archived(action))
        } else if self.status.allows(action) {
            Ok(())
        } else {
            Err(LemRefusal::NotInThisState {
                status: self.status,
                action,
            })
        }
    }

    /// Hands a draft to the client. `rates` are those that hold on the sheet's date; they freeze.
    pub fn submit(&mut self, rates: SheetRates, at: Timestamp) -> Result<(), LemRefusal> {
        self.allows(LemAction::Submit)?;
        self.status = LemStatus::Submitted;
        self.frozen_rates = Some(rates);
        self.submitted_at = Some(at);
        Ok(())
    }

    /// The client's representative agrees.
    pub fn sign(&mut self, signature: Signature) -> Result<(), LemRefusal> {
        self.allows(LemAction::Sign)?;
        self.status = LemStatus::Signed;
        self.signature = Some(signature);
        Ok(())
    }

    /// The client's representative does not agree.
    pub fn reject(&mut self, reason: String) -> Result<(), LemRefusal> {
        self.allows(LemAction::Reject)?;
        self.status = LemStatus::Rejected;
        self.rejection_reason = Some(reason);
        Ok(())
    }

    /// Deletes the sheet; its number stays taken.
    pub fn archive(&mut self) -> Result<(), LemRefusal> {
        self.allows(LemAction::Archive)?;
        self.archived = true;
        Ok(())
    }

    /// A draft of the next revision: the same number and content, new ids, prices of its own submission.
    /// `newest` is the newest revision of this number that is not archived.
    pub fn revise(
        &self,
        newest: u32,
        id: LemSheetId,
        mut line_id: impl FnMut() -> LemLineId,
    ) -> Result<Self, LemRefusal> {
        self.allows(LemAction::Revise)?;
        if newest > self.revision {
            return Err(LemRefusal::NewerRevision { newest });
        }
        let mut next = Self {
            id,
            revision: self.revision + 1,
            status: LemStatus::Draft,
            frozen_rates: None,
            submitted_at: None,
            signature: None,
            rejection_reason: None,
            ..self.clone()
        };
        for line in &mut next.workers {
            line.id = line_id();
        }
        for line in &mut next.equipment {
            line.id = line_id();
        }
        for line in &mut next.materials {
            line.id = line_id();
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        lem::{
            WorkerLine, WorkerPrices,
            tests::{draft, worker},
        },
        test_records::hours,
    };

    fn at(hour: i8) -> Timestamp {
        jiff::civil::date(2026, 11, 3)
            .at(hour, 0, 0, 0)
            .to_zoned(jiff::tz::TimeZone::UTC)
            .expect("an instant")
            .timestamp()
    }

    fn signature() -> Signature {
        Signature {
            name: "R. Ives".into(),
            signed_at: at(20),
            image: vec![0x89, b'P', b'N', b'G'],
        }
    }

    fn in_state(status: LemStatus) -> LemSheet {
        let mut sheet = draft("s1");
        sheet.put_worker(WorkerLine {
            work_hours: hours("8"),
            ..worker("Dana", "surveyor")
        });
        if status != LemStatus::Draft {
            sheet
                .submit(SheetRates::default(), at(18))
                .expect("a draft");
        }
        match status {
            LemStatus::Draft | LemStatus::Submitted => {}
            LemStatus::Signed => sheet.sign(signature()).expect("submitted"),
            LemStatus::Rejected => sheet.reject("wrong hours".into()).expect("submitted"),
        }
        assert_eq!(sheet.status, status);
        sheet
    }

    #[test]
    fn each_state_allows_what_leads_on_and_nothing_else() {
        // §6: "draft → submitted → signed (name of the representative, time, signature image) or rejected
        // (reason). A signed sheet is frozen; a correction is a new revision of it"; "Deleting archives".
        use LemAction::{Archive, Edit, Reject, Revise, Sign, Submit};
        let cases: [(LemStatus, &[LemAction]); 4] = [
            (LemStatus::Draft, &[Edit, Submit, Archive]),
            (LemStatus::Submitted, &[Sign, Reject, Archive]),
            (LemStatus::Signed, &[Revise]),
            (LemStatus::Rejected, &[Revise, Archive]),
        ];
        for (status, allowed) in cases {
            let sheet = in_state(status);
            let archived = LemSheet {
                archived: true,
                ..sheet.clone()
            };
            for action in LemAction::ALL {
                assert_eq!(
                    sheet.allows(action).is_ok(),
                    allowed.contains(&action),
                    "{action:?} of {status}"
                );
                assert_eq!(archived.allows(action), Err(LemRefusal::Archived(action)));
                if let Err(refusal) = sheet.allows(action) {
                    let sentence = refusal.to_string();
                    assert!(
                        sentence.starts_with("The sheet is ") && sentence.ends_with('.'),
                        "{sentence}"
                    );
                }
            }
        }
        assert_eq!(
            in_state(LemStatus::Signed)
                .allows(Edit)
                .map_err(|refusal| refusal.to_string()),
            Err("The sheet is signed: it cannot be changed; make a new revision of it.".to_owned())
        );
    }

    #[test]
    fn a_refused_action_changes_nothing() {
        let mut signed = in_state(LemStatus::Signed);
        let before = signed.clone();
        assert!(signed.submit(SheetRates::default(), at(21)).is_err());
        assert!(signed.sign(signature()).is_err());
        assert!(signed.reject("too late".into()).is_err());
        assert!(signed.archive().is_err());
        assert_eq!(signed, before);
    }

    #[test]
    fn deleting_archives_and_keeps_the_number() {
        // §6: "Deleting archives; archived sheets keep their number."
        let mut sheet = in_state(LemStatus::Draft);
        let number = sheet.number;
        sheet.archive().expect("a draft");
        assert!(sheet.archived);
        assert_eq!(sheet.number, number);
    }

    #[test]
    fn a_correction_is_a_new_revision_with_the_same_number_and_its_own_prices() {
        // §6: "a correction is a new revision of it, with the same number, priced at its own submission by
        // the rates of the sheet's date".
        for status in [LemStatus::Signed, LemStatus::Rejected] {
            let sheet = in_state(status);
            let mut ids = 0;
            let mut next = sheet
                .revise(1, "s2".into(), || {
                    ids += 1;
                    format!("new {ids}").into()
                })
                .expect("the newest revision");
            assert_eq!((next.number, next.revision), (sheet.number, 2));
            assert_eq!((next.date, next.status), (sheet.date, LemStatus::Draft));
            assert_eq!(next.workers[0].work_hours, hours("8"));
            assert_eq!(next.workers[0].id.as_str(), "new 1");
            assert_eq!((&next.signature, &next.rejection_reason), (&None, &None));
            // The first was frozen without a rate; the second has one when it is submitted.
            let mut rates = SheetRates::default();
            rates.roles.insert(
                "surveyor".into(),
                WorkerPrices {
                    work_rate: Some(hours("100")),
                    ..WorkerPrices::default()
                },
            );
            next.submit(rates.clone(), at(22)).expect("a draft");
            assert_eq!(
                next.priced(&SheetRates::default()).totals.grand,
                hours("800")
            );
            assert!(sheet.priced(&rates).has_missing_rate());
        }
    }

    #[test]
    fn only_the_newest_revision_can_be_revised() {
        let sheet = in_state(LemStatus::Signed);
        let refused = sheet.revise(2, "s3".into(), || "line".into());
        assert_eq!(refused, Err(LemRefusal::NewerRevision { newest: 2 }));
    }

    #[test]
    fn each_status_is_found_by_its_word() {
        for status in LemStatus::ALL {
            assert_eq!(LemStatus::named(status.as_str()), Some(status));
        }
        assert_eq!(LemStatus::named("SIGNED"), None);
    }
}
