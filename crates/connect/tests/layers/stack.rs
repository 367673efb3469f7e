//! All layers together change nothing about the contract.

use super::common::{layers, target};
use async_trait::async_trait;
use std::sync::Arc;
use tenure_connect::{Connector, LayerLimits, Layers};
use tenure_model::{AttributeName, Name};
use tenure_testkit::behaviour::{Harness, run};
use tenure_testkit::target::Target;

struct Wrapped(Target, Layers);

#[async_trait]
impl Harness for Wrapped {
    fn writer(&self) -> Arc<dyn Connector> {
        self.1.wrap(self.0.connector())
    }
    fn reader(&self) -> Arc<dyn Connector> {
        self.1.wrap(self.0.connector())
    }
    fn entitlements(&self) -> Vec<Arc<str>> {
        vec![Arc::from("seller"), Arc::from("buyer")]
    }
    fn text_attributes(&self) -> Vec<AttributeName> {
        vec![AttributeName::new("title").unwrap(), AttributeName::new("room").unwrap()]
    }
}

#[tokio::test(start_paused = true)]
async fn the_behaviour_suite_passes_through_all_layers() {
    let target = target();
    target.add_entitlement("buyer");
    let layers = layers(&target, LayerLimits::default());
    let report = run(&Wrapped(target, layers)).await;
    report.verdict().unwrap();
    assert!(report.counts().0 >= 28, "{report}");
}
