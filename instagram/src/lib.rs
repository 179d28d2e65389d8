//! Client for Instagram's OAuth and Graph endpoints, in both dialects.
