# The image: one static binary, and nothing else. `make image` builds the binary first, so no base image is pulled
# and the same source gives the same bytes.
FROM scratch
ARG TARGETARCH
COPY dist/linux-${TARGETARCH}/kernel_exporter /kernel_exporter
COPY LICENSE THIRD_PARTY_LICENSES /
# Root without capabilities but SYSLOG is what the chart gives it: root may read /proc/slabinfo, which no other user may.
USER 0:0
EXPOSE 10044
ENTRYPOINT ["/kernel_exporter"]
# The host's root is mounted at /host: without that flag the image itself would be judged.
CMD ["serve", "--path.rootfs=/host"]
