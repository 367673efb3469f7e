//! Who is cut off now, and the orders that wait: one list.

use super::Query;
use super::page::{Listed, Page, no_place};
use crate::AppError;
use crate::decide::CUT_OFF_KEY;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{CutOffOrder, CutOffOrderId, IdentityId};
use tenure_store::StoredSubject;

/// A row of the list of cut-offs.
#[derive(Debug, Clone)]
pub enum CutOffListed {
    /// An identity that is cut off.
    Identity(Box<StoredSubject>),
    /// An order in force: in advance, or one that waits for a second person.
    Order(Box<CutOffOrder>),
}

/// A place in the list of cut-offs: identities come before orders.
enum Place {
    Identity(Arc<str>, IdentityId),
    Order(CutOffOrderId),
}

/// A row as it is read: of an identity its id.
enum Row {
    Identity(IdentityId),
    Order(CutOffOrder),
}

impl Query<'_> {
    /// Identities that are cut off now, the last one first, then the orders in force, the oldest first. An identity that cannot be read is
    /// left out, and reported as damage.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn cut_offs(&self, page: &Page) -> Result<Listed<CutOffListed>, AppError> {
        let after = page.after.as_deref().map(place).transpose()?;
        let wanted = page.limit().saturating_add(1);
        let mut rows: Vec<(Arc<str>, Row)> = Vec::new();
        let (identity, order) = match after {
            None => (Some(None), None),
            Some(Place::Identity(value, id)) => (Some(Some((value, id))), None),
            Some(Place::Order(id)) => (None, Some(id)),
        };
        if let Some(after) = identity {
            let keys = self.app.store.keys_after(CUT_OFF_KEY, after, wanted).await?;
            let of = |(key, id): (tenure_store::Keyed, IdentityId)| {
                (Arc::from(format!("identity/{}/{id}", key.value)), Row::Identity(id))
            };
            rows.extend(keys.into_iter().map(of));
        }
        let room = wanted.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        if room > 0 {
            let orders = self.app.store.cut_off_orders_after(order, room).await?;
            rows.extend(orders.into_iter().map(|o| (Arc::from(format!("order/{}", o.id)), Row::Order(o))));
        }
        let Listed { rows, next } = page.of(rows);
        let ids = rows.iter().filter_map(|row| if let Row::Identity(id) = row { Some(*id) } else { None });
        let subjects = self.subjects(&ids.collect::<Vec<_>>()).await?;
        let mut subjects: BTreeMap<IdentityId, StoredSubject> =
            subjects.into_iter().map(|s| (s.identity.id, s)).collect();
        let shown = rows.into_iter().filter_map(|row| match row {
            Row::Identity(id) => subjects.remove(&id).map(|s| CutOffListed::Identity(Box::new(s))),
            Row::Order(order) => Some(CutOffListed::Order(Box::new(order))),
        });
        Ok(Listed { rows: shown.collect(), next })
    }
}

/// Reads a place: `identity/VALUE/ID` or `order/ID`.
fn place(text: &str) -> Result<Place, AppError> {
    let read = || {
        let (what, rest) = text.split_once('/')?;
        match what {
            "identity" => {
                let (value, id) = rest.split_once('/')?;
                Some(Place::Identity(Arc::from(value), IdentityId::parse(id)?))
            }
            "order" => CutOffOrderId::parse(rest).map(Place::Order),
            _ => None,
        }
    };
    read().ok_or_else(|| no_place(text))
}
