//! What is made of captions.

use super::*;

#[test]
fn hashtags_and_mentions_are_found_in_any_script() {
    let caption =
        Caption::parse("Überraschung! #Straße #東京 #100 #a_1, @vitrine.demo. mail@example.com #Straße");

    assert_eq!(caption.hashtags, ["Straße", "東京", "a_1"]);
    assert_eq!(caption.mentions, ["vitrine.demo"]);
}

#[test]
fn only_a_name_that_somebody_can_have_is_a_mention() {
    let (long, longer) = ("a".repeat(30), "a".repeat(31));
    let text = format!("@.first @two..dots @{longer} @... @ @good.one_2 @{long} @end.");
    let caption = Caption::parse(&text);

    assert_eq!(caption.mentions, ["good.one_2", &long, "end"]);
    for name in [".first", "two..dots", &longer] {
        assert!(!caption.html.contains(&format!("instagram.com/{name}")), "{name}");
        assert!(
            caption.html.contains(&format!("@{name}")),
            "{name} stays as it is written"
        );
    }
}

#[test]
fn hashtags_may_touch_each_other_and_what_is_before_them() {
    let text = "adj #one#two#3 #five##six @x.#dot @y#no word#no";
    let caption = Caption::parse(text);

    assert_eq!(caption.hashtags, ["one", "two", "five", "dot"]);
    assert_eq!(caption.mentions, ["x", "y"]);
    let filtered: Vec<_> = Caption::hashtags_of(text).collect();
    assert_eq!(filtered, caption.hashtags);
    assert!(caption.html.contains(">#one</a><a "), "{}", caption.html);
    assert!(caption.html.ends_with("#no word#no"), "{}", caption.html);
}

#[test]
fn hashtags_mentions_and_addresses_stand_behind_any_emoji() {
    for emoji in ["😀", "❤️", "☀️", "1️⃣", "👩‍🚀", "🏳️‍🌈", "👍🏽", "🇩🇪", "❤︎"]
    {
        let caption = Caption::parse(&format!("{emoji}#one {emoji}@two {emoji}https://three.example"));

        assert_eq!(caption.hashtags, ["one"], "{emoji}");
        assert_eq!(caption.mentions, ["two"], "{emoji}");
        assert!(caption.html.contains("href=\"https://three.example\""), "{emoji}");
    }
    assert_eq!(Caption::parse("cafe\u{301}#no").hashtags, [""; 0]);
}

#[test]
fn markup_stays_text() {
    let caption = Caption::parse("<script>alert('#x')</script>\n\"quoted\" & \u{202e}turned\u{0}");

    assert!(!caption.html.contains("<script"), "{}", caption.html);
    assert!(caption.html.contains("&lt;script&gt;"));
    assert!(caption.html.contains("<br>&quot;quoted&quot; &amp; turned"));
}

#[test]
fn addresses_are_linked_without_the_stop_behind_them() {
    let caption = Caption::parse("see https://example.com/a?b=1&c=2.");

    assert!(
        caption
            .html
            .contains(r#"href="https://example.com/a?b=1&amp;c=2""#),
        "{}",
        caption.html
    );
    assert!(caption.html.ends_with("</a>."));
}

#[test]
fn an_address_without_a_host_is_text() {
    for text in [
        "https://...",
        "http://\u{7f}",
        "https:///",
        "https://#tag",
        "see https://) there",
    ] {
        assert!(!Caption::parse(text).html.contains("<a"), "{text:?}");
    }
}

#[test]
fn long_rows_of_emoji_are_only_text() {
    let text = "🎉".repeat(2_200);

    assert_eq!(Caption::parse(&text).html, text);
}

#[test]
fn marks_belong_to_the_letters_before_them_and_emoji_may_be_tagged() {
    let caption = Caption::parse(
        "#हिन्दी #Cafe\u{301} #👍🏽 #👩\u{200d}👩\u{200d}👧 #\u{fe0f}\u{20e3} #️⃣ #\u{301}x #مرحبا",
    );

    assert_eq!(
        caption.hashtags,
        ["हिन्दी", "Cafe\u{301}", "👍🏽", "👩\u{200d}👩\u{200d}👧", "مرحبا"]
    );
}

#[test]
fn nothing_that_steers_reaches_a_page() {
    let text = "a\u{202a}b\u{202e}c\u{2066}d\u{2069}e\u{0}f\u{7}g\u{85}h\u{7f}i\u{fffe}j\u{ffff}k\u{206f}l";
    let caption = Caption::parse(text);

    assert_eq!(caption.html, "abcdefghijkl");
    assert_eq!(caption.pruned, text, "other texts stay as their owner wrote them");
    let linked = Caption::parse("https://example.com/\u{202e}x @na\u{202e}me #t\u{0}ag");
    assert!(!linked.html.contains(['\u{202e}', '\0']), "{}", linked.html);
    assert_eq!(Caption::parse("a\tb\r\nc\u{2028}d").html, "a b<br>c<br>d");
}

#[test]
fn scripts_that_run_leftwards_keep_their_marks() {
    assert_eq!(Caption::parse("שלום\u{200f}!").html, "שלום\u{200f}!");
}

#[test]
fn heaps_of_marks_stay_what_they_are() {
    let text = format!("Z{}", "\u{30d}\u{334}".repeat(3_000));

    assert_eq!(Caption::parse(&text).html, text);
}

#[test]
fn the_block_of_hashtags_at_the_end_is_pruned() {
    for (text, pruned) in [
        ("Rain.\n\n#rain #wet", "Rain."),
        ("Rain today #rain #wet", "Rain today"),
        ("Rain\n.\n•\n.\n#rain", "Rain"),
        ("Rain ☔ #rain", "Rain ☔"),
        ("Rain, with @ann #rain #wet", "Rain, with @ann"),
        ("Rain\n@ann #rain @bob\n#wet @shop", "Rain\n@ann"),
        ("  Rain\n ", "Rain"),
        ("#rain #wet", ""),
        ("#rain", ""),
        ("雨 #雨 #東京。", "雨"),
        ("雨\n#雨 #東京", "雨"),
    ] {
        assert_eq!(Caption::parse(text).pruned, pruned, "{text}");
    }
}

#[test]
fn hashtags_that_are_words_of_a_sentence_stay() {
    for text in [
        "Morning in #Lisbon",
        "Morning in #Lisbon.",
        "#Lisbon in the morning",
        "#one and #two are here",
        "Seen #here #there and everywhere",
        "with, #you",
        "see #1",
    ] {
        assert_eq!(Caption::parse(text).pruned, text);
    }
}
