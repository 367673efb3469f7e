//! What local law withholds, only its readers see, and the ledger says that they did.

use crate::world::World;

const RULE: &str = r#"[lifecycle]
primary = ["employee"]
[[local]]
name     = "names are withheld"
withhold = ["family_name"]
readers  = "group:security"
"#;

async fn lines(world: &World, about: &str, who: Option<&str>) -> String {
    let moment = world.moment(who).await;
    world.app.explain().explain(about, None, &moment).await.unwrap().lines.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_and_the_person_itself_see_it_and_nobody_else() {
    let mut world = World::new().await;
    let row = |n: usize| [format!("R{n}"), format!("W{n}"), format!("Name{n}"), String::new()];
    world.take(&(1..=4).map(row).collect::<Vec<_>>()).await;
    assert!(lines(&world, "W3", None).await.contains("family_name = Name3"), "no rule, no secret");
    world.change("policy/all.toml", "[lifecycle]\nprimary = [\"employee\"]\n", RULE).await;

    let entries = world.store.ledger_head().await.unwrap().size;
    for stranger in [None, Some("W4")] {
        let seen = lines(&world, "W3", stranger).await;
        assert!(seen.contains("family_name is withheld: group:security reads it"), "{seen}");
        assert!(!seen.contains("family_name ="), "{seen}");
    }
    assert_eq!(world.store.ledger_head().await.unwrap().size, entries, "nothing was read");
    for reader in [Some("W1"), Some("W3")] {
        assert!(lines(&world, "W3", reader).await.contains("family_name = Name3"));
    }
    assert_eq!(world.store.ledger_head().await.unwrap().size, entries + 2, "each reading is evidenced");
}
