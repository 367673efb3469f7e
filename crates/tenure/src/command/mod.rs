//! One file per command.

mod accept;
mod access;
mod acting;
mod activate;
mod adopt;
mod apply;
mod approvals;
mod case;
mod case_by_hand;
mod check;
mod completions;
mod correlate;
mod cut_off;
mod cut_off_beside;
mod cut_off_failed;
mod demo;
mod dispatch;
mod docs;
mod doctor;
mod erase;
mod explain;
mod findings;
mod hold;
mod identity;
mod init;
mod ledger;
mod overdue;
mod plan;
mod publish;
mod release;
mod room;
mod run;
mod scan;
mod skeleton;

pub(crate) use dispatch::dispatch;
pub(crate) use publish::{publish, publish_to};
