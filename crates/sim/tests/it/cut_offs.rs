//! The list of cut-offs is complete, a page at a time: every identity that is cut off, and every order in force.

use crate::world::World;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_app::{CutOffListed, NewCutOff, Page};
use tenure_model::CutOffClass;

/// What the list shows, page by page: names of identities, subjects of orders.
async fn listed(world: &World, limit: u32) -> Vec<String> {
    let moment = world.moment(Some("W1")).await;
    let query = world.app.query(&moment).await.unwrap();
    let (mut all, mut after): (Vec<String>, Option<Arc<str>>) = (Vec::new(), None);
    loop {
        let page = query.cut_offs(&Page { after, limit }).await.unwrap();
        assert!(page.rows.len() <= usize::try_from(limit).unwrap());
        all.extend(page.rows.iter().map(|row| match row {
            CutOffListed::Identity(subject) => subject.title.to_string(),
            CutOffListed::Order(order) => order.target.to_string(),
        }));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_cut_off_is_listed_once_whatever_the_page() {
    let mut world = World::new().await;
    let group = "last_resort = \"security\"";
    let with = format!("{group}\ncut_off_by = [\"group:security\"]\nlift_by = \"group:security\"");
    world.change("tenure.toml", group, &with).await;
    let row = |n: usize| [format!("R{n}"), format!("W{n}"), format!("Name{n}"), String::new()];
    world.take(&(1..12).map(row).collect::<Vec<_>>()).await;
    assert_eq!(listed(&world, 3).await, Vec::<String>::new());
    let moment = world.moment(Some("W1")).await;
    let new = NewCutOff { class: CutOffClass::Security, ..NewCutOff::of("stolen laptop") };
    for n in 4..12 {
        world.app.cut_off().cut_off(&format!("W{n}"), &new, &moment).await.unwrap();
    }
    for key in ["X1", "X2", "X3"] {
        world.app.cut_off_orders().cut_off_key("worker_number", key, &new, &moment).await.unwrap();
    }
    let whole = listed(&world, 100).await;
    assert_eq!(whole.len(), 11, "{whole:?}");
    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 11);
    for limit in [1, 2, 4, 8, 10, 11] {
        assert_eq!(listed(&world, limit).await, whole, "pages of {limit}");
    }
    let lifter = world.moment(Some("W2")).await;
    world.app.cut_off().lift("W4", &lifter).await.unwrap();
    world.app.cut_off_orders().lift_order("worker_number=X1", &lifter).await.unwrap();
    assert_eq!(listed(&world, 4).await.len(), 9);
}
