//! The calls this client makes, by name.

/// One kind of call. The name is a metric label and a span field, so it must stay stable and few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    ExchangeCode,
    LongLived,
    Refresh,
    Me,
    ConfirmAlive,
    Media,
    OneMedia,
}

impl Endpoint {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ExchangeCode => "exchange_code",
            Self::LongLived => "long_lived",
            Self::Refresh => "refresh",
            Self::Me => "me",
            Self::ConfirmAlive => "confirm_alive",
            Self::Media => "media",
            Self::OneMedia => "one_media",
        }
    }
}
