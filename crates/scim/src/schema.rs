//! The characteristics of each attribute in RFC 7643: type, number of values, mutability, and when it is returned.

use crate::{ScimError, urn};
use scim_v2::models::scim_schema::{Attributes, Schema, SubAttributes, get_schemas};
use serde_json::Value;

/// The type of an attribute (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// True or false.
    Boolean,
    /// A number, with or without decimals.
    Number,
    /// An xsd:dateTime.
    DateTime,
    /// Base64 text.
    Binary,
    /// A URI.
    Reference,
    /// Sub-attributes.
    Complex,
}

/// Who may change an attribute (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// The service only.
    ReadOnly,
    /// Clients too.
    ReadWrite,
    /// Clients, once.
    Immutable,
    /// Clients, and it is never readable.
    WriteOnly,
}

/// When an attribute is returned (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// Always.
    Always,
    /// Never.
    Never,
    /// Unless it is excluded.
    Default,
    /// Only on request.
    Request,
}

/// One attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Canonical spelling.
    pub name: String,
    /// Type.
    pub kind: Kind,
    /// Whether it has several values.
    pub multi: bool,
    /// Whether it is required.
    pub required: bool,
    /// Whether case matters in comparisons.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Sub-attributes of a complex one.
    pub subs: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute with that name, in any case.
    #[must_use]
    pub fn sub(&self, name: &str) -> Option<&Self> {
        find(&self.subs, name)
    }
    fn simple(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            multi: false,
            required: false,
            case_exact: true,
            mutability: Mutability::ReadOnly,
            returned: Returned::Default,
            subs: Vec::new(),
        }
    }
}

/// An extension of a resource type.
#[derive(Debug, Clone)]
pub(crate) struct Extension {
    pub(crate) urn: String,
    /// `None`: a schema that is not known here; all its attributes are accepted as they are.
    pub(crate) attributes: Option<Vec<Attribute>>,
}

/// The schemas of one resource type: core and extensions.
#[derive(Debug, Clone)]
pub struct Schemas {
    pub(crate) core_urn: &'static str,
    pub(crate) core: Vec<Attribute>,
    pub(crate) extensions: Vec<Extension>,
    documents: Vec<Schema>,
}

impl Schemas {
    /// Users, with the enterprise extension.
    ///
    /// # Errors
    /// When the embedded definitions of RFC 7643 cannot be read, which is a broken build.
    pub fn user() -> Result<Self, ScimError> {
        let [user, enterprise] = <[Schema; 2]>::try_from(documents(vec!["user", "enterprise_user"])?)
            .map_err(|_| ScimError::status(500, "the embedded schemas are not two"))?;
        let extension = Extension {
            urn: urn::ENTERPRISE_USER.to_owned(),
            attributes: Some(enterprise.attributes.iter().map(attribute).collect()),
        };
        let core = with_common(user.attributes.iter().map(attribute).collect());
        Ok(Self { core_urn: urn::USER, core, extensions: vec![extension], documents: vec![user, enterprise] })
    }

    /// Groups.
    ///
    /// # Errors
    /// When the embedded definitions of RFC 7643 cannot be read, which is a broken build.
    pub fn group() -> Result<Self, ScimError> {
        let mut documents = documents(vec!["group"])?;
        for a in documents.iter_mut().flat_map(|d| &mut d.attributes) {
            // The text (§4.2 "REQUIRED") has precedence over the definition (§8.7.1 "required": false).
            if a.name == "displayName" {
                a.required = Some(true);
            }
        }
        let core = with_common(documents.iter().flat_map(|d| &d.attributes).map(attribute).collect());
        Ok(Self { core_urn: urn::GROUP, core, extensions: Vec::new(), documents })
    }

    /// Adds an extension of which only the URN is known: its attributes are accepted as they are.
    #[must_use]
    pub fn with_extension(mut self, urn: &str) -> Self {
        if self.extension(urn).is_none() {
            self.extensions.push(Extension { urn: urn.to_owned(), attributes: None });
        }
        self
    }

    /// The URN of the core schema.
    #[must_use]
    pub fn core_urn(&self) -> &'static str {
        self.core_urn
    }

    /// A core attribute, in any case.
    #[must_use]
    pub fn core(&self, name: &str) -> Option<&Attribute> {
        find(&self.core, name)
    }

    /// The canonical spelling of an extension's URN, in any case.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&str> {
        self.extension_of(urn).map(|e| e.urn.as_str())
    }

    pub(crate) fn extension_of(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|e| e.urn.eq_ignore_ascii_case(urn))
    }

    /// The definitions as `/Schemas` serves them (RFC 7643 §7).
    #[must_use]
    pub fn documents(&self) -> Vec<Value> {
        self.documents
            .iter()
            .filter_map(|d| serde_json::to_value(d).ok())
            .map(|mut d| {
                crate::set_field(&mut d, "schemas", Value::from(vec![urn::SCHEMA]));
                d
            })
            .collect()
    }
}

pub(crate) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name))
}

fn documents(names: Vec<&str>) -> Result<Vec<Schema>, ScimError> {
    get_schemas(names)
        .map_err(|e| ScimError::status(500, format!("the embedded schemas cannot be read: {e}")))
}

/// The attributes that every resource has (RFC 7643 §3.1); the published definitions leave them out.
fn with_common(mut attributes: Vec<Attribute>) -> Vec<Attribute> {
    let mut meta = Attribute::simple("meta", Kind::Complex);
    meta.subs = vec![
        Attribute::simple("resourceType", Kind::Text),
        Attribute::simple("created", Kind::DateTime),
        Attribute::simple("lastModified", Kind::DateTime),
        Attribute::simple("location", Kind::Reference),
        Attribute::simple("version", Kind::Text),
    ];
    let always = |mut a: Attribute| {
        a.returned = Returned::Always;
        a
    };
    let mut schemas = always(Attribute::simple("schemas", Kind::Reference));
    schemas.multi = true;
    let mut external = Attribute::simple("externalId", Kind::Text);
    external.mutability = Mutability::ReadWrite;
    for common in [schemas, always(Attribute::simple("id", Kind::Text)), external, meta] {
        if find(&attributes, &common.name).is_none() {
            attributes.push(common);
        }
    }
    attributes
}

fn attribute(a: &Attributes) -> Attribute {
    let subs =
        a.sub_attributes.as_option().map(|s| s.iter().map(sub_attribute).collect()).unwrap_or_default();
    let traits = (a.case_exact, a.mutability.as_deref(), a.returned.as_deref(), a.required);
    made(&a.name, &a.r#type, a.multi_valued, traits, subs)
}

fn sub_attribute(a: &SubAttributes) -> Attribute {
    let traits = (a.case_exact, a.mutability.as_deref(), a.returned.as_deref(), a.required);
    made(&a.name, &a.r#type, a.multi_valued, traits, Vec::new())
}

type Traits<'a> = (Option<bool>, Option<&'a str>, Option<&'a str>, Option<bool>);

fn made(name: &str, kind: &str, multi: bool, traits: Traits<'_>, subs: Vec<Attribute>) -> Attribute {
    let (case_exact, mutability, returned, required) = traits;
    let kind = match kind {
        "boolean" => Kind::Boolean,
        "integer" | "decimal" => Kind::Number,
        "dateTime" => Kind::DateTime,
        "binary" => Kind::Binary,
        "reference" => Kind::Reference,
        "complex" => Kind::Complex,
        _ => Kind::Text,
    };
    let exact_kind = matches!(kind, Kind::Binary | Kind::Reference);
    Attribute {
        name: name.to_owned(),
        kind,
        multi,
        required: required.unwrap_or(false),
        case_exact: case_exact.unwrap_or(false) || exact_kind,
        mutability: match mutability {
            Some("readOnly") => Mutability::ReadOnly,
            Some("immutable") => Mutability::Immutable,
            Some("writeOnly") => Mutability::WriteOnly,
            _ => Mutability::ReadWrite,
        },
        returned: match returned {
            Some("always") => Returned::Always,
            Some("never") => Returned::Never,
            Some("request") => Returned::Request,
            _ => Returned::Default,
        },
        subs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_definitions_are_read() {
        let user = Schemas::user().unwrap();
        let name = user.core("USERNAME").unwrap();
        assert!(name.required && !name.case_exact && !name.multi);
        assert_eq!(user.core("groups").unwrap().mutability, Mutability::ReadOnly);
        assert_eq!(user.core("password").unwrap().returned, Returned::Never);
        assert!(user.core("externalId").unwrap().case_exact);
        assert_eq!(user.extension(&urn::ENTERPRISE_USER.to_uppercase()), Some(urn::ENTERPRISE_USER));
        let group = Schemas::group().unwrap();
        assert!(group.core("displayName").unwrap().required);
        assert_eq!(group.core("members").unwrap().sub("value").unwrap().mutability, Mutability::Immutable);
    }
}
