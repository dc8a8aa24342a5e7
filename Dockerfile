# docker build .                  the product, without its tests: only what it is made of is built
# docker build --target test .    the quick suite, in the image that the product is built in

# Where the sources become one bundle. Node and npm are here, nothing of it but dist/ goes on.
FROM node:24-alpine AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY scripts ./scripts
RUN npm ci --no-audit --no-fund
COPY schema ./schema
COPY reconcilers ./reconcilers
COPY src ./src
# `--build-arg GATES_BUILD_REVISION=$(git rev-parse HEAD)`: what `gates_build_info` says.
ARG GATES_BUILD_REVISION
RUN npm run build

# bash, coreutils, curl and jq: what pages show is run as it is written. What looks at the packaging itself needs Debian.
FROM build AS test
RUN apk add --no-cache bash coreutils curl git gpg gpg-agent jq openssh-client openssh-keygen
COPY . .
RUN npx vitest run --project quick --project end-to-end --exclude 'test/packaging/**' --exclude test/e2e/commands/read-only.test.ts

# Node, git, ssh for repositories that are reached by it, and what checks signatures of commits.
FROM node:24-alpine AS product
RUN apk add --no-cache git gpg openssh-client openssh-keygen
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn*
RUN install -d -o node -g node -m 0700 /var/lib/gates
RUN printf '#!/bin/sh\nexec node /opt/gates/dist/gates.js "$@"\n' > /usr/local/bin/gates && chmod 0755 /usr/local/bin/gates
COPY --from=build /src/dist /opt/gates/dist
COPY LICENSE /opt/gates/LICENSE
# Inside a container loopback is reached by nobody; what the host publishes decides.
ENV NODE_ENV=production \
    GATES_STATE_DIR=/var/lib/gates \
    GATES_LISTEN=0.0.0.0:8420 \
    GATES_HOOKS_LISTEN=0.0.0.0:8421
# By number, so that an orchestrator sees that it is not root: the `node` of the image.
USER 1000:1000
# The one place that is written to: the rest of the file system may be read-only.
VOLUME /var/lib/gates
EXPOSE 8420 8421
# Whether the process answers. Whether its loop turns is what /readyz says: no reason to be started again.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.GATES_LISTEN.split(':').at(-1) + '/healthz').then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/gates/dist/gates.js"]
CMD ["run"]
