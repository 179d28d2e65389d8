//! What files are, by their names.

/// The media type that the end of a file's name tells, as its servers send it.
pub(crate) fn kind_by_name(address: &str) -> Option<&'static str> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let name = path.rsplit('/').next().unwrap_or_default();
    let end = name.rsplit_once('.').map(|(_, end)| end);
    // Instagram's servers turn pictures into another kind on the way and keep the name.
    let turned = query.split('&').find_map(|part| part.strip_prefix("stp=dst-"));
    let turned = turned.map(|rest| rest.split('_').next().unwrap_or(rest));
    turned.and_then(mime_type).or_else(|| end.and_then(mime_type))
}

fn mime_type(end: &str) -> Option<&'static str> {
    Some(match end.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" | "jfif" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "gif" => "image/gif",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        _ => return None,
    })
}
