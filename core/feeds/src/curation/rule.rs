//! A feed's filters, applied to one post.

use super::Reason;
use crate::{Caption, curation::case_folding::fold_case};
use sea_orm::{ColumnTrait, Condition};
use std::collections::HashSet;
use vitrine_entity::{
    feed::{self, Reels, WordFilter},
    media::{self, Child, Column},
};

const ALBUM: &str = "CAROUSEL_ALBUM";
const REELS: &str = "REELS";

/// What lets a post in.
#[derive(Debug)]
pub(crate) struct Rule {
    media_types: Vec<String>,
    include_children: bool,
    reels: Reels,
    hashtags: Words,
    caption: Words,
}

/// Words that a filter names, each as it is compared and as its owner wrote it.
#[derive(Debug)]
struct Words {
    include: Vec<String>,
    exclude: Vec<(String, String)>,
}

impl Words {
    fn of(filter: &WordFilter) -> Self {
        Self {
            include: filter.include.iter().map(|word| fold_case(word)).collect(),
            exclude: filter
                .exclude
                .iter()
                .map(|word| (fold_case(word), word.clone()))
                .collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether a word is missing, and which one should be.
    fn judge(&self, has: impl Fn(&str) -> bool) -> (bool, Option<&String>) {
        let missing = !self.include.is_empty() && !self.include.iter().any(|word| has(word));
        let unwanted = self.exclude.iter().find(|(word, _)| has(word));
        (missing, unwanted.map(|(_, written)| written))
    }
}

impl Rule {
    /// The rule of a feed; with `media_type` only posts of that type.
    pub(crate) fn of(feed: &feed::Model, media_type: Option<&str>) -> Self {
        let mut media_types = feed.media_types.0.clone();
        media_types.retain(|known| media_type.is_none_or(|wanted| known == wanted));
        Self {
            // An album that is shown whole brings its pictures along.
            include_children: feed.include_children && !feed.media_types.0.iter().any(|known| known == ALBUM),
            media_types,
            reels: feed.reels,
            hashtags: Words::of(&feed.hashtags),
            caption: Words::of(&feed.caption),
        }
    }

    /// Everything that keeps a post out; nothing when it is in.
    pub(crate) fn reasons(&self, post: &media::Model) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if post.hidden_upstream_at.is_some() {
            reasons.push(Reason::GoneFromInstagram);
        }
        if !self.fits_type(post) {
            reasons.push(self.why_no_type(post));
        } else if self.shown_children(post).is_none() && !is_visible(post) {
            reasons.push(Reason::NoPicture);
        }
        reasons.extend(self.reel(post));
        reasons.extend(self.words(post.caption.as_deref().unwrap_or_default()));
        reasons
    }

    /// The places of the pictures that stand for an album; none where the post is shown itself.
    pub(crate) fn shown_children(&self, post: &media::Model) -> Option<Vec<usize>> {
        if !self.include_children || post.media_type != ALBUM {
            return None;
        }
        let fitting = post.children.0.iter().enumerate();
        let places: Vec<usize> = fitting
            .filter(|(_, child)| self.has_type(&child.media_type) && is_visible_child(child))
            .map(|(place, _)| place)
            .collect();
        (!places.is_empty()).then_some(places)
    }

    fn has_type(&self, media_type: &str) -> bool {
        self.media_types.iter().any(|known| known == media_type)
    }

    fn fits_type(&self, post: &media::Model) -> bool {
        self.has_type(&post.media_type) || self.shown_children(post).is_some()
    }

    /// An album may have fitting pictures whose files are kept back.
    fn why_no_type(&self, post: &media::Model) -> Reason {
        let fits = |child: &Child| self.has_type(&child.media_type);
        match self.include_children && post.media_type == ALBUM && post.children.0.iter().any(fits) {
            true => Reason::NoPicture,
            false => Reason::MediaType,
        }
    }

    fn reel(&self, post: &media::Model) -> Option<Reason> {
        let is_reel = post.product_type.as_deref() == Some(REELS);
        match self.reels {
            Reels::Exclude if is_reel => Some(Reason::Reel),
            Reels::OnGrid if is_reel && post.is_shared_to_feed == Some(false) => Some(Reason::NotOnGrid),
            _ => None,
        }
    }

    fn words(&self, caption: &str) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.hashtags.is_empty() {
            let tags: HashSet<String> = Caption::hashtags_of(caption).map(fold_case).collect();
            let (missing, unwanted) = self.hashtags.judge(|tag| tags.contains(tag));
            reasons.extend(missing.then_some(Reason::NoHashtag));
            reasons.extend(unwanted.cloned().map(Reason::Hashtag));
        }
        if !self.caption.is_empty() {
            let text = fold_case(caption);
            let (missing, unwanted) = self.caption.judge(|word| text.contains(word));
            reasons.extend(missing.then_some(Reason::NoWord));
            reasons.extend(unwanted.cloned().map(Reason::Word));
        }
        reasons
    }
}

/// Posts that the rule of a feed may let in: what the database can tell, so that it need not hand
/// over the rest. Every post without a reason against it is among them.
pub(crate) fn may_fit(feed: &feed::Model, media_type: Option<&str>) -> Condition {
    let mut types = Rule::of(feed, media_type).media_types;
    if feed.include_children {
        types.push(ALBUM.to_owned());
    }
    let condition = Condition::all()
        .add(Column::HiddenUpstreamAt.is_null())
        .add(Column::MediaType.is_in(types));
    let no_reel = Condition::any()
        .add(Column::ProductType.is_null())
        .add(Column::ProductType.ne(REELS));
    match feed.reels {
        Reels::Include => condition,
        Reels::Exclude => condition.add(no_reel),
        Reels::OnGrid => condition.add(
            no_reel
                .add(Column::IsSharedToFeed.is_null())
                .add(Column::IsSharedToFeed.eq(true)),
        ),
    }
}

/// Instagram keeps back the file of flagged material, sometimes for days.
fn is_visible(post: &media::Model) -> bool {
    post.media_url.is_some()
        || post.thumbnail_url.is_some()
        || (post.media_type == ALBUM && post.children.0.iter().any(is_visible_child))
}

fn is_visible_child(child: &Child) -> bool {
    child.media_url.is_some() || child.thumbnail_url.is_some()
}
