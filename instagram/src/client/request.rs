//! How a call becomes a request: its address, its fields, its token.

use reqwest::{Method, RequestBuilder};
use url::Url;

use super::Client;
use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure, FailureKind};
use crate::fields::asked_fields::FieldList;
use crate::secret::AccessToken;
use crate::transport::{self, reply::Reader};
use crate::usage::Answer;

impl Client {
    pub(super) async fn get_fields<T>(
        &self,
        endpoint: Endpoint,
        list: &FieldList,
        url: Url,
        parameters: &[(&str, &str)],
        token: &AccessToken,
        read: Reader<T>,
    ) -> Result<Answer<T>, Failure> {
        let fields = list.without(self.left_out);
        let mut all = vec![("fields", fields.as_str())];
        all.extend_from_slice(parameters);
        let asked = self.get(endpoint, url, &all, token, read).await;
        asked.map_err(|failure| match failure.source.as_deref() {
            Some(Cause::FieldRefused(field)) => match list.left_out_after(self.left_out, *field) {
                Some(next) => Failure {
                    kind: FailureKind::FieldRefused(next),
                    ..failure
                },
                None => failure,
            },
            _ => failure,
        })
    }

    pub(super) async fn get<T>(
        &self,
        endpoint: Endpoint,
        mut url: Url,
        parameters: &[(&str, &str)],
        token: &AccessToken,
        read: Reader<T>,
    ) -> Result<Answer<T>, Failure> {
        url.query_pairs_mut()
            .extend_pairs(parameters)
            .append_pair("access_token", token.expose());
        let request = self.request(Method::GET, url)?;
        transport::call(
            endpoint,
            request,
            self.shared.settings.limits.max_body_bytes,
            read,
        )
        .await
    }

    pub(super) fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Failure> {
        let request = self.shared.outgoing.request(method, url);
        request.map_err(|refused| Failure::because(FailureKind::OurBug, Cause::Refused(refused)))
    }

    pub(super) fn versioned_url(&self, path: &[&str]) -> Url {
        let version = [self.shared.settings.api_version.as_str()];
        self.graph_url(&[&version, path].concat())
    }

    pub(super) fn graph_url(&self, path: &[&str]) -> Url {
        let mut url = self.shared.settings.graph_url.clone();
        // Only a URL that cannot be a base has no path, and none such is https or http.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }
}
