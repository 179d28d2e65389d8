FROM rust:1.95-slim-bookworm AS builder
WORKDIR /build
COPY . .
# The caches keep the registry and compiled dependencies from build to build; the result must leave them.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/build/target,sharing=locked \
    cargo build --release --locked --package vitrine --bin vitrine \
    && cp target/release/vitrine /usr/local/bin/vitrine

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home vitrine \
    && install --directory --owner vitrine --group vitrine --mode 0700 /data
COPY --from=builder /usr/local/bin/vitrine /usr/local/bin/vitrine
ENV VITRINE_SERVER__LISTEN=0.0.0.0:8080 \
    VITRINE_SERVER__DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["vitrine", "healthcheck"]
ENTRYPOINT ["vitrine"]
