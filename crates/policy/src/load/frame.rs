//! The single tables of `policy/*.toml`: lifecycle, absence, requests, custody, labels.

use super::context::Context;
use super::doc::Table;
use super::fields::Fields;
use crate::diagnostic::code;
use crate::{AbsenceRule, CustodyRule, EndsAt, Lifecycle, OnChange, RequestRule, Retention};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use tenure_model::{CaseLabel, EngagementType, ValueType};

/// Defaults for tables that no file has.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) lifecycle: Lifecycle,
    pub(super) absence: AbsenceRule,
    pub(super) request: RequestRule,
    pub(super) ask_ahead: SignedDuration,
    pub(super) custody: CustodyRule,
    pub(super) retention: Retention,
    pub(super) labels: Vec<CaseLabel>,
}

impl Default for Frame {
    fn default() -> Self {
        let later = OnChange::EndAfterDays(14);
        Self {
            lifecycle: Lifecycle {
                prepare_days: 0,
                ends_at: EndsAt::Earliest,
                end_grace: SignedDuration::ZERO,
                keep_days: 30,
                short_gap_days: 3,
                sourceless: OnChange::EndAfterDays(30),
                end_required: BTreeSet::new(),
                primary: Vec::new(),
                deadline: SignedDuration::from_hours(24),
                cut_off_deadline: SignedDuration::from_hours(1),
            },
            absence: AbsenceRule { after_days: 30, suspend: BTreeSet::new() },
            request: RequestRule {
                on_move: later,
                on_conversion: later,
                on_absence: later,
                emergency_max: SignedDuration::from_hours(8),
                exception_days: 90,
                exception_total_days: 180,
                override_days: 90,
                review_risk: 50,
            },
            ask_ahead: SignedDuration::from_hours(24 * 30),
            // A yearly review, leap years included.
            custody: CustodyRule {
                longest_days: 366,
                endless: false,
                silence_days: 14,
                last_used: None,
                unused_days: 90,
                notice_days: 14,
            },
            retention: Retention::default(),
            labels: CaseLabel::ALL.to_vec(),
        }
    }
}

/// Reads one of the tables.
type Read = fn(&mut Frame, &mut Context<'_>, &Table);

impl Frame {
    /// The tables, each at most once in all files, and the function that reads it.
    pub(super) const TABLES: [(&'static str, Read); 7] = [
        ("approvals", Self::approvals),
        ("lifecycle", Self::lifecycle),
        ("absence", Self::absence),
        ("request", Self::request),
        ("custody", Self::custody),
        ("retention", Self::retention),
        ("governance", Self::governance),
    ];

    fn lifecycle(&mut self, context: &mut Context<'_>, table: &Table) {
        let fields = Fields::new(table, context.sink);
        let to = &mut self.lifecycle;
        to.prepare_days = fields.days_before_start("prepare").unwrap_or(to.prepare_days);
        fields.start_of_first_day("activate");
        to.ends_at = fields.ends_at("end_access").unwrap_or(to.ends_at);
        to.end_grace = fields.duration("end_grace").unwrap_or(to.end_grace);
        to.keep_days = fields.days("keep_account").unwrap_or(to.keep_days);
        to.short_gap_days = fields.days("short_gap").unwrap_or(to.short_gap_days);
        to.sourceless = fields.on_change("sourceless").unwrap_or(to.sourceless);
        to.deadline = fields.duration("deadline").unwrap_or(to.deadline);
        to.cut_off_deadline = fields.duration("cut_off_deadline").unwrap_or(to.cut_off_deadline);
        to.primary.extend(engagement_types(context, &fields, "primary"));
        to.end_required.extend(engagement_types(context, &fields, "end_required"));
        if to.end_grace > SignedDuration::from_hours(24) {
            let place = fields.get("end_grace").map_or(fields.place(), |v| &v.place);
            let diagnostic = place.error(code::RANGE, "a night shift ends within a day");
            fields.put(diagnostic.help("write at most \"24 hours\", or correct the end at its source"));
        }
        fields.finish();
    }

    fn absence(&mut self, context: &mut Context<'_>, table: &Table) {
        let fields = Fields::new(table, context.sink);
        self.absence.after_days = fields.days("after").unwrap_or(self.absence.after_days);
        self.absence.suspend = fields.texts("suspend").iter().filter_map(|s| context.system(s)).collect();
        fields.finish();
    }

    fn approvals(&mut self, context: &mut Context<'_>, table: &Table) {
        let fields = Fields::new(table, context.sink);
        self.ask_ahead = fields.duration("ask_ahead").unwrap_or(self.ask_ahead);
        fields.finish();
    }

    fn request(&mut self, context: &mut Context<'_>, table: &Table) {
        let fields = Fields::new(table, context.sink);
        let to = &mut self.request;
        to.on_move = fields.on_change("on_move").unwrap_or(to.on_move);
        to.on_conversion = fields.on_change("on_conversion").unwrap_or(to.on_conversion);
        to.on_absence = fields.on_change("on_absence").unwrap_or(to.on_absence);
        to.emergency_max = fields.duration("emergency_max").unwrap_or(to.emergency_max);
        to.exception_days = fields.days("exception_max").unwrap_or(to.exception_days);
        to.exception_total_days = fields.days("exception_total").unwrap_or(to.exception_total_days);
        to.override_days = fields.days("override_max").unwrap_or(to.override_days);
        let risk = fields.int("review_risk", 0..=100).and_then(|r| u8::try_from(r).ok());
        to.review_risk = risk.unwrap_or(to.review_risk);
        fields.finish();
    }

    fn custody(&mut self, context: &mut Context<'_>, table: &Table) {
        let fields = Fields::new(table, context.sink);
        let to = &mut self.custody;
        to.longest_days = fields.days("max_expiry").unwrap_or(to.longest_days);
        to.endless = fields.bool("allow_no_expiry", to.endless);
        to.silence_days = fields.days("ownerless_grace").unwrap_or(to.silence_days);
        to.unused_days = fields.days("unused").unwrap_or(to.unused_days);
        to.notice_days = fields.days("notice").unwrap_or(to.notice_days);
        if let Some(spot) = fields.text("last_used")
            && let Some(name) = context.attribute(&spot)
        {
            if context.declared.attributes.get(&name).is_some_and(|d| d.value_type != ValueType::Date) {
                let title = format!("the attribute `{name}` is no date");
                let help = format!("declare it in [attributes]: {name} = \"date\"");
                fields.put(spot.place.error(code::TYPE, title).help(help));
            }
            context.read.insert(name.clone());
            // If no source maps it, a command may state it.
            context.filled.insert(name.clone());
            to.last_used = Some(name);
        }
        fields.finish();
    }

    fn retention(&mut self, context: &mut Context<'_>, table: &Table) {
        let fields = Fields::new(table, context.sink);
        let erase_days = fields.days_after_departure("erase");
        let by = fields.text("by").map(|spot| context.owner(spot));
        self.retention = Retention { erase_days, by };
        fields.finish();
    }

    /// `labels`: those that come first; the others follow in their own order.
    fn governance(&mut self, context: &mut Context<'_>, table: &Table) {
        let fields = Fields::new(table, context.sink);
        let words = CaseLabel::ALL.map(|l| (l.as_str(), l));
        let mut first: Vec<CaseLabel> = Vec::new();
        for spot in fields.texts("labels") {
            match fields.word_of(&spot, &words) {
                Some(label) if first.contains(&label) => {
                    fields.put(spot.place.error(
                        code::DUPLICATE,
                        format!("the label `{label}` is listed twice", label = label.as_str()),
                    ));
                }
                Some(label) => first.push(label),
                None => {}
            }
        }
        let rest: Vec<CaseLabel> = CaseLabel::ALL.into_iter().filter(|l| !first.contains(l)).collect();
        self.labels = first.into_iter().chain(rest).collect();
        fields.finish();
    }
}

/// Types of engagement, each stated by some source.
fn engagement_types(context: &Context<'_>, fields: &Fields<'_>, key: &'static str) -> Vec<EngagementType> {
    let known = &context.declared.engagement_types;
    let mut types = Vec::new();
    for spot in fields.texts(key) {
        if !known.is_empty() && !known.contains(&spot.text) {
            let title = format!("no source states engagements of type `{}`", spot.text);
            let help = crate::diagnostic::did_you_mean(&spot.text, known.iter().map(|t| &**t));
            fields.put(spot.place.error(code::IMPOSSIBLE_VALUE, title).maybe_help(help));
        } else {
            types.extend(fields.name::<EngagementType>(&spot));
        }
    }
    types
}
