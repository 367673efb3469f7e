//! A file that lost a third of its rows, and one that ends within a row: neither takes access from any identity.

use super::data::months;
use super::directory::{everything, groups};
use super::project::groups_are_those_of_the_file;
use super::site::Site;

#[test]
fn a_third_less_rows_is_held_and_half_a_row_is_refused() {
    let Some(months) = months() else { return };
    let Some(site) = Site::new(&months) else { return };
    let [first, second, third, ..] = months.as_slice() else { panic!("ten months") };
    site.take(first);
    let before = groups(&site.directory);

    site.export(&second.without_a_third());
    let held = site.run(&second.hours_after(0));
    assert_eq!(held.code, Some(5), "{}", held.said());
    let feed = &held.json()["feeds"][0];
    assert_eq!(feed["missing"], 667);
    println!("held: {}", feed["held"]["reason"]);
    assert!(feed["held"]["id"].is_string(), "{}", held.said());
    assert_eq!(held.labelled("leaver"), 0, "{}", held.said());
    assert_eq!(site.directory.count_usable_accounts().unwrap(), first.people.len());
    let after = groups(&site.directory);
    for (group, people) in &before {
        assert!(after.get(group).is_some_and(|now| now.is_superset(people)), "a member lost {group}");
    }

    site.export(&second.text);
    let whole = site.run(&second.hours_after(1));
    assert!(whole.is_done(), "{}", whole.said());
    assert_eq!(held.labelled("mover") + whole.labelled("mover"), second.counts.movers, "{}", whole.said());
    assert_eq!(whole.labelled("leaver"), 0, "{}", whole.said());
    groups_are_those_of_the_file(&site, second);

    let before = everything(&site.directory);
    site.export(&third.broken_off());
    let refused = site.run(&third.hours_after(0));
    assert_eq!(refused.code, Some(3), "{}", refused.said());
    println!("refused: {}", refused.json()["feeds"][0]["refused"]);
    assert!(refused.labels().is_empty(), "{}", refused.said());
    assert!(everything(&site.directory) == before, "a refused file changed the directory");

    site.export(&third.text);
    let whole = site.run(&third.hours_after(1));
    assert!(whole.is_done(), "{}", whole.said());
    assert_eq!(whole.labelled("leaver"), third.counts.leavers);
    assert_eq!(whole.labelled("mover"), third.counts.movers);
    assert_eq!(site.directory.count_usable_accounts().unwrap(), third.people.len());
    groups_are_those_of_the_file(&site, third);
}
