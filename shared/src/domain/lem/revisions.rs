//! Which revision of a sheet reports count (`domain.md` §6 *Sign-off*, §7 *LEM timesheet*).

use std::collections::BTreeMap;

use super::{LemNumber, LemSheet, LemStatus};
use crate::domain::ids::{ClientId, ProjectId};

/// "Reports count one revision per number: the newest signed, else the newest." Archived sheets are left
/// out before. By client, project and number.
pub fn counting_revisions<'a>(sheets: impl IntoIterator<Item = &'a LemSheet>) -> Vec<&'a LemSheet> {
    let mut counting: BTreeMap<(&ClientId, &ProjectId, LemNumber), &LemSheet> = BTreeMap::new();
    for sheet in sheets.into_iter().filter(|sheet| !sheet.archived) {
        counting
            .entry((&sheet.client_id, &sheet.project_id, sheet.number))
            .and_modify(|best| {
                if rank(sheet) > rank(best) {
                    *best = sheet;
                }
            })
            .or_insert(sheet);
    }
    counting.into_values().collect()
}

/// The sheets of a LEM timesheet: "archived and rejected sheets left out"; by date, then number.
pub fn timesheet_revisions<'a>(
    sheets: impl IntoIterator<Item = &'a LemSheet>,
) -> Vec<&'a LemSheet> {
    let mut counting = counting_revisions(sheets);
    counting.retain(|sheet| sheet.status != LemStatus::Rejected);
    counting.sort_by_key(|sheet| (sheet.date, sheet.number));
    counting
}

fn rank(sheet: &LemSheet) -> (bool, u32) {
    (sheet.status == LemStatus::Signed, sheet.revision)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::lem::tests::draft;

    fn sheet(number: u32, revision: u32, status: LemStatus) -> LemSheet {
        LemSheet {
            number: LemNumber::new(number).expect("a number"),
            revision,
            status,
            ..draft(&format!("{number}.{revision}"))
        }
    }

    fn ids(sheets: &[&LemSheet]) -> Vec<String> {
        sheets.iter().map(|sheet| sheet.id.0.clone()).collect()
    }

    #[test]
    fn reports_count_the_newest_signed_revision_else_the_newest() {
        // §6: "Reports count one revision per number: the newest signed, else the newest."
        use LemStatus::{Draft, Rejected, Signed, Submitted};
        let archived = |sheet: LemSheet| LemSheet {
            archived: true,
            ..sheet
        };
        let cases = [
            (vec![sheet(1, 1, Draft)], vec!["1.1"], vec!["1.1"]),
            (
                vec![sheet(1, 1, Signed), sheet(1, 2, Draft)],
                vec!["1.1"],
                vec!["1.1"],
            ),
            (
                vec![sheet(1, 2, Signed), sheet(1, 1, Signed)],
                vec!["1.2"],
                vec!["1.2"],
            ),
            (
                vec![sheet(1, 1, Signed), sheet(1, 2, Rejected)],
                vec!["1.1"],
                vec!["1.1"],
            ),
            (
                vec![sheet(1, 1, Rejected), sheet(1, 2, Submitted)],
                vec!["1.2"],
                vec!["1.2"],
            ),
            // §7: "archived and rejected sheets left out".
            (vec![sheet(1, 1, Rejected)], vec!["1.1"], vec![]),
            (vec![archived(sheet(1, 1, Draft))], vec![], vec![]),
            (
                vec![sheet(1, 1, Rejected), archived(sheet(1, 2, Draft))],
                vec!["1.1"],
                vec![],
            ),
            (
                vec![sheet(2, 1, Draft), sheet(1, 1, Draft)],
                vec!["1.1", "2.1"],
                vec!["1.1", "2.1"],
            ),
        ];
        for (sheets, counting, on_timesheet) in cases {
            assert_eq!(ids(&counting_revisions(&sheets)), counting, "{sheets:?}");
            assert_eq!(
                ids(&timesheet_revisions(&sheets)),
                on_timesheet,
                "{sheets:?}"
            );
        }
    }

    #[test]
    fn one_number_in_two_projects_is_two_sheets_and_a_timesheet_goes_by_date() {
        // §6: "unique per client and project"; §7: "by date".
        let later = LemSheet {
            date: date(2026, 11, 5),
            ..sheet(1, 1, LemStatus::Draft)
        };
        let elsewhere = LemSheet {
            project_id: "p2".into(),
            ..sheet(1, 1, LemStatus::Signed)
        };
        let earlier = sheet(2, 1, LemStatus::Draft);
        assert_eq!(counting_revisions([&later, &elsewhere]).len(), 2);
        assert_eq!(
            ids(&timesheet_revisions([&later, &earlier])),
            ["2.1", "1.1"]
        );
    }
}
