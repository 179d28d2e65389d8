//! What a text in a request may hold, said once by the names of fields.

use utoipa::{
    Modify,
    openapi::{
        RefOr, Schema,
        schema::{Object, SchemaType, Type},
    },
};

/// Something visible, and no control characters.
const LINE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f]\
                    [^\\u0000-\\u001f\\u007f-\\u009f]*$";
/// `https://host`, also with a port or `*.` in front, as people paste it; plain `http` on the machine itself. Which hosts
/// there can be is for the server to say.
const ORIGIN: &str = "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@]+/?$";
/// No control characters.
const PLAIN: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
const MEDIA_TYPE: &str = "^(IMAGE|VIDEO|CAROUSEL_ALBUM)$";

/// Fields, and the patterns of their texts.
const PATTERNS: [(&str, &str); 11] = [
    ("name", LINE),
    ("site_name", LINE),
    ("token", LINE),
    ("code", LINE),
    ("state", LINE),
    ("access_token", LINE),
    ("alt_text", PLAIN),
    ("allowed_origins", ORIGIN),
    ("media_types", MEDIA_TYPE),
    ("include", LINE),
    ("exclude", LINE),
];

/// Writes the patterns into the schemas of requests.
pub(super) struct Texts;

impl Modify for Texts {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let Some(components) = &mut document.components else {
            return;
        };
        let requests = components
            .schemas
            .iter_mut()
            .filter(|(name, _)| name.ends_with("Request"));
        for (_, schema) in requests {
            if let RefOr::T(Schema::Object(object)) = schema {
                constrain(object);
            }
        }
    }
}

fn constrain(request: &mut Object) {
    let required = request.required.clone();
    for (name, schema) in &mut request.properties {
        if let RefOr::T(Schema::Object(words)) = schema
            && !required.contains(name)
        {
            let_null_in(words);
        }
        let known = PATTERNS.iter().find(|(field, _)| field == name);
        if let (Some((_, pattern)), RefOr::T(schema)) = (known, schema) {
            describe(schema, pattern);
        }
    }
}

/// A word that may be left out may also be null.
fn let_null_in(words: &mut Object) {
    if let (Some(values), SchemaType::Type(kind)) = (&mut words.enum_values, &words.schema_type) {
        values.push(serde_json::Value::Null);
        words.schema_type = SchemaType::Array(vec![kind.clone(), Type::Null]);
    }
}

/// A list's texts are its items.
fn describe(schema: &mut Schema, pattern: &str) {
    match schema {
        Schema::Object(text) => {
            text.pattern = Some(pattern.to_owned());
            text.min_length = text.min_length.or((pattern != PLAIN).then_some(1));
        }
        Schema::Array(list) => {
            if let utoipa::openapi::schema::ArrayItems::RefOrSchema(items) = &mut list.items
                && let RefOr::T(items) = items.as_mut()
            {
                describe(items, pattern);
            }
        }
        _ => {}
    }
}
